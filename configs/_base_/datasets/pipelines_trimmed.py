# The augmentations of Table 9 in view 1, and in both views random trimming, at most 128 frames
# and, against boxes and cameras, a mild affine change.
affine = dict(type="PoseAffine", prob=0.5, rotation=0.05, log_scale=0.1, shear=0.05)
trim = dict(type="TemporalTrim", min_ratio=0.4, prob=0.7)
crop = dict(type="CropToPoseBox", size=30)
trimmed_train_pipeline = [
    dict(
        type="TwoViews",
        view0=[trim, dict(type="TemporalSubsample", max_drop=0, max_frames=128), crop, affine],
        view1=[
            trim,
            dict(type="TemporalSubsample", max_drop=0.5, max_frames=128),
            crop,
            dict(type="PositionNoise", prob=0.3, std=1.0),
            dict(type="OrientationNoise", prob=0.3, std=0.1),
            dict(type="PoseFlip", prob=0.3),
            affine,
        ],
    ),
    dict(type="PackAlignmentInputs"),
]
