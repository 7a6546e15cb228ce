# Table 12, first row, and Tables 3 and 4: CASA on 2D coordinates, on the ablations' schedule.
_base_ = "../baselines/casa_penn_action_cpu.py"
train_cfg = dict(max_epochs=10)
