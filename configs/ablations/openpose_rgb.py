# Table 13: poses that OpenPose estimated on Penn Action, and RGB.
_base_ = "../fusion/la2ds_rgb_pose_penn_action.py"
_poses = dict(skeleton="body25")
_loaders = dict(
    train_dataloader=dict(dataset=_poses),
    test_dataloader=dict(dataset=dict(dataset=_poses)),
    val_dataloader=dict(dataset=dict(dataset=_poses)),
)
stages = dict(
    pose=dict(
        config="../la2ds_penn_action.py",
        options=dict(model=dict(data_preprocessor=_poses), **_loaders),
    ),
    rgb=dict(config="../fusion/la2ds_rgb_penn_action.py", options=_loaders),
)
model = dict(data_preprocessor=_poses)
train_dataloader = dict(dataset=_poses)
test_dataloader = dict(dataset=dict(dataset=_poses))
val_dataloader = test_dataloader
