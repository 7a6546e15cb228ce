# One network for all labelled actions (la2ds_plus_penn_action_all_cpu.py): that of all joints of a
# frame at once.
_base_ = "../la2ds_plus_penn_action_all_cpu.py"
model = dict(
    data_preprocessor=dict(heatmap=None),
    members=[_base_.model.members[2]],
)
