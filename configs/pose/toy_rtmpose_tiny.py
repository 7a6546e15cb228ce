# RTMPose-tiny as MMPose packages it, from scratch on the toy generator's pictures: a small input,
# so that one core trains it in minutes. tools/pose/train_toy_pose.py fills in the data's folder.
_base_ = "mmpose::body_2d_keypoint/rtmpose/coco/rtmpose-t_8xb256-420e_coco-256x192.py"

input_size = (96, 128)
codec = dict(
    type="SimCCLabel",
    input_size=input_size,
    sigma=(2.45, 2.83),
    simcc_split_ratio=2.0,
    normalize=False,
    use_dark=False,
)
model = dict(
    backbone=dict(init_cfg=None),
    head=dict(input_size=input_size, in_featuremap_size=(3, 4), decoder=codec),
    # One pass per crop instead of two.
    test_cfg=dict(flip_test=False),
)

train_pipeline = [
    dict(type="LoadImage"),
    dict(type="GetBBoxCenterScale"),
    dict(type="RandomFlip", direction="horizontal"),
    dict(type="RandomBBoxTransform", scale_factor=[0.75, 1.3], rotate_factor=30),
    dict(type="TopdownAffine", input_size=input_size),
    dict(type="mmdet.YOLOXHSVRandomAug"),
    dict(type="GenerateTarget", encoder=codec),
    dict(type="PackPoseInputs"),
]
test_pipeline = [
    dict(type="LoadImage"),
    dict(type="GetBBoxCenterScale"),
    dict(type="TopdownAffine", input_size=input_size),
    dict(type="PackPoseInputs"),
]
train_dataloader = dict(
    batch_size=32,
    num_workers=0,
    persistent_workers=False,
    dataset=dict(ann_file="train.json", data_prefix=dict(img="train/"), pipeline=train_pipeline),
)
val_dataloader = dict(
    num_workers=0,
    persistent_workers=False,
    dataset=dict(ann_file="val.json", data_prefix=dict(img="val/"), pipeline=test_pipeline),
)
test_dataloader = val_dataloader
val_evaluator = dict(_delete_=True, type="PCKAccuracy", thr=0.05)
test_evaluator = val_evaluator

max_epochs = 20
train_cfg = dict(max_epochs=max_epochs, val_interval=5)
optim_wrapper = dict(optimizer=dict(lr=1e-3))
param_scheduler = [
    dict(type="LinearLR", start_factor=0.01, by_epoch=False, begin=0, end=100),
    dict(
        type="CosineAnnealingLR",
        eta_min=2e-5,
        begin=4,
        end=max_epochs,
        T_max=max_epochs - 4,
        by_epoch=True,
        convert_to_iter_based=True,
    ),
]
default_hooks = dict(
    checkpoint=dict(_delete_=True, type="CheckpointHook", interval=1, max_keep_ckpts=1)
)
custom_hooks = []
