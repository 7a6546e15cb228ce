# CASA with RGB frames on Penn Action (Table 11).
_base_ = [
    "../_base_/default_runtime.py",
    "../_base_/models/casa_rgb.py",
    "../_base_/datasets/penn_action.py",
    "../_base_/datasets/frames.py",
    "../_base_/schedules/casa.py",
]
cross = _base_.model.cross
stages = dict(
    pose=dict(config="casa_pose_penn_action.py"),
    rgb=dict(config="la2ds_rgb_penn_action.py", options=dict(model=dict(cross=cross))),
)
del cross
model = dict(data_preprocessor=dict(skeleton="penn13"))
train_dataloader = dict(
    dataset=dict(
        repeat=100,
        max_frames=256,
        video="frames/{source}",
        pipeline={{_base_.rgb_pose_train_pipeline}},
    )
)
test_dataloader = dict(
    dataset=dict(dataset=dict(video="frames/{source}", pipeline={{_base_.rgb_pose_test_pipeline}}))
)
val_dataloader = test_dataloader
