# CASA with RGB frames, on the data of la2ds_rgb_pose_toy.py.
_base_ = [
    "../_base_/default_runtime.py",
    "../_base_/models/casa_rgb.py",
    "../_base_/datasets/toy_frames.py",
    "../_base_/schedules/cpu.py",
]
cross = dict(_base_.model.cross, dim=96, n_cross=2)
stages = dict(
    pose=dict(config="casa_pose_toy.py"),
    rgb=dict(config="la2ds_rgb_toy.py", options=dict(model=dict(cross=cross))),
)
small = dict(dim=96, image_size=56, patch_size=14, spatial_depth=1, temporal_depth=2)
model = dict(
    data_preprocessor=dict(skeleton="coco17"),
    encoders=dict(pose=dict(dim=96), rgb=dict(small, temporal_encoding="rotary")),
    cross=cross,
)
del cross, small
train_dataloader = dict(dataset=dict(pipeline={{_base_.rgb_pose_train_pipeline}}))
test_dataloader = dict(dataset=dict(dataset=dict(pipeline={{_base_.rgb_pose_test_pipeline}})))
train_cfg = dict(max_epochs=8)
val_cfg = None
val_dataloader = None
val_evaluator = None
