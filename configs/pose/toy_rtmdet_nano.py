# RTMDet-nano as MMPose packages it for finding people, from scratch on the toy generator's
# pictures. tools/pose/train_toy_pose.py fills in the data's folder.
_base_ = "mmdet::rtmdet/rtmdet_l_8xb32-300e_coco.py"

input_size = (160, 160)
# What mmpose/.mim/demo/mmdetection_cfg/rtmdet_nano_320-8xb32_coco-person.py sets.
model = dict(
    backbone=dict(deepen_factor=0.33, widen_factor=0.25, use_depthwise=True, init_cfg=None),
    neck=dict(in_channels=[64, 128, 256], out_channels=64, num_csp_blocks=1, use_depthwise=True),
    bbox_head=dict(
        in_channels=64,
        feat_channels=64,
        share_conv=False,
        exp_on_reg=False,
        use_depthwise=True,
        num_classes=1,
    ),
    test_cfg=dict(nms_pre=1000, score_thr=0.05, max_per_img=100),
)

pad = dict(type="Pad", size=input_size, pad_val=dict(img=(114, 114, 114)))
train_pipeline = [
    dict(type="LoadImageFromFile"),
    dict(type="LoadAnnotations", with_bbox=True),
    dict(type="RandomResize", scale=input_size, ratio_range=(0.5, 1.3), keep_ratio=True),
    dict(type="RandomCrop", crop_size=input_size),
    dict(type="YOLOXHSVRandomAug"),
    dict(type="RandomFlip", prob=0.5),
    pad,
    dict(type="PackDetInputs"),
]
test_pipeline = [
    dict(type="LoadImageFromFile"),
    dict(type="Resize", scale=input_size, keep_ratio=True),
    pad,
    dict(
        type="PackDetInputs",
        meta_keys=("img_id", "img_path", "ori_shape", "img_shape", "scale_factor"),
    ),
]
metainfo = dict(classes=("person",))
train_dataloader = dict(
    batch_size=16,
    num_workers=0,
    persistent_workers=False,
    batch_sampler=None,
    pin_memory=False,
    dataset=dict(
        ann_file="train.json",
        data_prefix=dict(img="train/"),
        metainfo=metainfo,
        pipeline=train_pipeline,
    ),
)
val_dataloader = dict(
    batch_size=16,
    num_workers=0,
    persistent_workers=False,
    dataset=dict(
        ann_file="val.json", data_prefix=dict(img="val/"), metainfo=metainfo, pipeline=test_pipeline
    ),
)
test_dataloader = val_dataloader

max_epochs = 5
train_cfg = dict(_delete_=True, type="EpochBasedTrainLoop", max_epochs=max_epochs, val_interval=5)
optim_wrapper = dict(optimizer=dict(lr=1e-3))
param_scheduler = [
    dict(type="LinearLR", start_factor=0.01, by_epoch=False, begin=0, end=100),
    dict(
        type="CosineAnnealingLR",
        eta_min=2e-5,
        begin=1,
        end=max_epochs,
        T_max=max_epochs - 1,
        by_epoch=True,
        convert_to_iter_based=True,
    ),
]
default_hooks = dict(
    checkpoint=dict(_delete_=True, type="CheckpointHook", interval=1, max_keep_ckpts=1)
)
custom_hooks = []
