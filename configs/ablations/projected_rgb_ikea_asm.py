# Table 13: CASA's 3D poses of IKEA ASM, projected, and RGB.
_base_ = "../fusion/la2ds_rgb_pose_ikea_asm.py"
_poses = dict(skeleton="smpl24")
_loaders = dict(
    train_dataloader=dict(dataset=_poses),
    test_dataloader=dict(dataset=dict(dataset=_poses)),
    val_dataloader=dict(dataset=dict(dataset=_poses)),
)
stages = dict(
    pose=dict(
        config="../la2ds_ikea_asm.py",
        options=dict(model=dict(data_preprocessor=_poses), **_loaders),
    ),
    rgb=dict(config="../fusion/la2ds_rgb_ikea_asm.py", options=_loaders),
)
model = dict(data_preprocessor=_poses)
train_dataloader = dict(dataset=_poses)
test_dataloader = dict(dataset=dict(dataset=_poses))
val_dataloader = test_dataloader
