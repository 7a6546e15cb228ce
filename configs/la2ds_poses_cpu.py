# LA2DS on any prepared data set of poses (--data-root), no label needed: la2ds_penn_action_cpu.py
# without what is Penn Action's. Poses of other joints than COCO's: --cfg-options
# model.data_preprocessor.skeleton=NAME. Several activities in one data set: --action NAME.
_base_ = [
    "./_base_/default_runtime.py",
    "./_base_/models/la2ds_cpu.py",
    "./_base_/datasets/poses.py",
    "./_base_/datasets/pipelines_trimmed.py",
    "./_base_/schedules/cpu.py",
]
model = dict(data_preprocessor=dict(skeleton="coco17"))
train_cfg = dict(max_epochs=20)
train_dataloader = dict(
    batch_size=8,
    dataset=dict(data_root="", repeat=8, pipeline={{_base_.trimmed_train_pipeline}}),
)
test_dataloader = dict(dataset=dict(dataset=dict(data_root="")))
val_cfg = None
val_dataloader = None
val_evaluator = None
