# CASA on the poses of la2ds_pose_toy.py.
_base_ = [
    "../_base_/default_runtime.py",
    "../_base_/models/casa.py",
    "../_base_/datasets/toy_frames.py",
    "../_base_/datasets/pipelines_trimmed.py",
    "../_base_/schedules/cpu.py",
]
model = dict(
    data_preprocessor=dict(skeleton="coco17"),
    encoder=dict(dim=96),
    cross=dict(dim=96, n_cross=2),
    head=dict(dim=96),
)
train_dataloader = dict(dataset=dict(render=None, pipeline={{_base_.short_train_pipeline}}))
test_dataloader = dict(dataset=dict(dataset=dict(render=None)))
train_cfg = dict(max_epochs=10)
val_cfg = None
val_dataloader = None
val_evaluator = None
