# CASA with RGB frames on H2O (Table 11).
_base_ = [
    "../_base_/default_runtime.py",
    "../_base_/models/casa_rgb.py",
    "../_base_/datasets/h2o.py",
    "../_base_/datasets/frames.py",
    "../_base_/schedules/casa.py",
]
cross = _base_.model.cross
stages = dict(
    pose=dict(config="casa_pose_h2o.py"),
    rgb=dict(config="la2ds_rgb_h2o.py", options=dict(model=dict(cross=cross))),
)
del cross
model = dict(
    data_preprocessor=dict(skeleton="hands42"),
    encoders=dict(rgb=dict(max_frames=512)),
    max_frames=512,
)
train_dataloader = dict(dataset=dict(pipeline={{_base_.rgb_pose_train_pipeline}}))
test_dataloader = dict(dataset=dict(dataset=dict(pipeline={{_base_.rgb_pose_test_pipeline}})))
val_dataloader = test_dataloader
optim_wrapper = dict(optimizer=dict(lr=3e-4))
