# As la2ds_poses_cpu.py, with what la2ds_plus_penn_action_cpu.py adds: better where every clip shows
# one whole execution of its activity, which the loss between clips takes for granted.
_base_ = [
    "./_base_/default_runtime.py",
    "./_base_/models/la2ds_plus_cpu.py",
    "./_base_/datasets/poses.py",
    "./_base_/datasets/pipelines_trimmed.py",
    "./_base_/schedules/cpu.py",
]
model = dict(data_preprocessor=dict(skeleton="coco17"))
custom_hooks = [
    *_base_.custom_hooks,
    dict(type="CommonTimeHook", pipeline=_base_.test_pipeline),
    dict(type="PrincipalComponentsHook", pipeline=_base_.test_pipeline),
]
train_cfg = dict(max_epochs=20)
train_dataloader = dict(
    batch_size=8,
    dataset=dict(data_root="", repeat=8, pipeline={{_base_.trimmed_train_pipeline}}),
)
test_dataloader = dict(dataset=dict(dataset=dict(data_root="")))
val_cfg = None
val_dataloader = None
val_evaluator = None
