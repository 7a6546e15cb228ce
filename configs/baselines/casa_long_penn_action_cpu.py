# CASA for as long as la2ds_plus_penn_action_cpu.py trains: a step of it takes a fifth of the time.
_base_ = "./casa_penn_action_cpu.py"
train_cfg = dict(max_epochs=90)
