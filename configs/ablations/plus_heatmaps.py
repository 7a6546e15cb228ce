# The recipe of la2ds_plus_penn_action_cpu.py with one of its three networks: that of heatmaps.
_base_ = "../la2ds_plus_penn_action_cpu.py"
model = dict(members=[_base_.model.members[0]])
