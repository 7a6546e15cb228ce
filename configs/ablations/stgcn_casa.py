# ST-GCN in front of CASA's attention, on the ablations' schedule.
_base_ = "../baselines/stgcn_casa_penn_action_cpu.py"
train_cfg = dict(max_epochs=10)
