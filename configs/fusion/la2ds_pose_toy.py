# Poses alone, on a toy activity of which they show one half of the phases and the video the other.
_base_ = [
    "../_base_/default_runtime.py",
    "../_base_/models/la2ds_cpu.py",
    "../_base_/datasets/toy_frames.py",
    "../_base_/datasets/pipelines_trimmed.py",
    "../_base_/schedules/cpu.py",
]
model = dict(
    data_preprocessor=dict(skeleton="coco17"),
    encoder=dict(dim=96, temporal_depth=2),
    cross=dict(dim=96),
    head=dict(dim=96),
    loss=dict(temperature=0.05),
)
train_dataloader = dict(dataset=dict(render=None, pipeline={{_base_.short_train_pipeline}}))
test_dataloader = dict(dataset=dict(dataset=dict(render=None)))
train_cfg = dict(max_epochs=10)
val_cfg = None
val_dataloader = None
val_evaluator = None
