# The augmentations of Table 9 in view 1, and in both views random trimming, a limit on the frames
# and, against boxes and cameras, a mild affine change.
affine = dict(type="PoseAffine", prob=0.5, rotation=0.05, log_scale=0.1, shear=0.05)
trim = dict(type="TemporalTrim", min_ratio=0.4, prob=0.7)
crop = dict(type="CropToPoseBox", size=30)
# Clips longer than the limit lose frames at random, which an encoder that meets whole clips when it
# is scored has then never seen: it costs accuracy, and saves time where clips are long.
trimmed_train_pipeline, short_train_pipeline = (
    [
        dict(
            type="TwoViews",
            view0=[
                trim,
                dict(type="TemporalSubsample", max_drop=0, max_frames=limit),
                crop,
                affine,
            ],
            view1=[
                trim,
                dict(type="TemporalSubsample", max_drop=0.5, max_frames=limit),
                crop,
                dict(type="PositionNoise", prob=0.3, std=1.0),
                dict(type="OrientationNoise", prob=0.3, std=0.1),
                dict(type="PoseFlip", prob=0.3),
                affine,
            ],
        ),
        dict(type="PackAlignmentInputs"),
    ]
    for limit in (128, 48)
)
