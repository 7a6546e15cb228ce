# RGB and poses on Penn Action (Table 11): each encoder by itself first, then both jointly.
_base_ = [
    "../_base_/default_runtime.py",
    "../_base_/models/la2ds_rgb_pose.py",
    "../_base_/datasets/penn_action.py",
    "../_base_/datasets/frames.py",
    "../_base_/schedules/casa.py",
]
stages = dict(
    pose=dict(config="../la2ds_penn_action.py"), rgb=dict(config="la2ds_rgb_penn_action.py")
)
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
