# CASA for about as long as la2ds_plus_penn_action_cpu.py trains: see the runs' timing.json.
_base_ = "./casa_penn_action_cpu.py"
train_cfg = dict(max_epochs=90)
