# RGB and poses, fused: each encoder by itself first, then both jointly, in one command.
_base_ = [
    "../_base_/default_runtime.py",
    "../_base_/models/la2ds_rgb_pose_cpu.py",
    "../_base_/datasets/toy_frames.py",
    "../_base_/schedules/cpu.py",
]
stages = dict(pose=dict(config="la2ds_pose_toy.py"), rgb=dict(config="la2ds_rgb_toy.py"))
model = dict(
    data_preprocessor=dict(skeleton="coco17"),
    encoders=dict(pose=dict(dim=96, temporal_depth=2), rgb=dict(dim=96, temporal_depth=2)),
    cross=dict(dim=96),
)
train_dataloader = dict(dataset=dict(pipeline={{_base_.rgb_pose_train_pipeline}}))
test_dataloader = dict(dataset=dict(dataset=dict(pipeline={{_base_.rgb_pose_test_pipeline}})))
train_cfg = dict(max_epochs=8)
val_cfg = None
val_dataloader = None
val_evaluator = None
