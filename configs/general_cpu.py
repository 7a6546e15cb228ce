# The network of bodies that the package ships: for activities that it has never seen. Joints of a
# frame at once, by the losses of la2ds_plus_penn_action_all_cpu.py, no label used.
_base_ = [
    "./_base_/default_runtime.py",
    "./_base_/models/la2ds_plus_cpu.py",
    "./_base_/datasets/general.py",
    "./_base_/schedules/cpu.py",
]
model = dict(
    data_preprocessor=dict(skeleton="penn13", heatmap=None),
    members=[_base_.model.members[2]],
    readout=None,
)
custom_hooks = [
    *_base_.custom_hooks,
    # Clips of these show any number of turns.
    dict(
        type="CommonTimeHook",
        pipeline=_base_.test_pipeline,
        begin=1,
        without=["jump_rope", "strum_guitar"],
    ),
]
train_cfg = dict(max_epochs=20)
val_cfg = None
val_dataloader = None
val_evaluator = None
