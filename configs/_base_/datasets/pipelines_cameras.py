# Two views through two cameras each its own, of 3D poses; windows and tempo of their own as well.
# The same of the 2D poses as they are stands beside it, to compare.
crop = dict(type="CropToPoseBox", size=30)
moments = [
    dict(type="TemporalTrim", min_ratio=0.3, prob=0.8),
    dict(type="TemporalWarp", max_log_speed=0.5, min_speed=0.7, max_speed=1.4, max_frames=128),
]
noise = [
    dict(type="PositionNoise", prob=0.3, std=1.0),
    dict(type="OrientationNoise", prob=0.3, std=0.1),
    dict(type="PoseFlip", prob=0.3),
]
affine = dict(type="PoseAffine", prob=0.5, rotation=0.05, log_scale=0.1, shear=0.05)
cameras_train_pipeline, one_camera_train_pipeline = (
    [
        dict(
            type="TwoViews",
            view0=[*camera, *moments, crop, affine],
            view1=[*camera, *moments, crop, *noise, affine],
        ),
        dict(type="PackAlignmentInputs"),
    ]
    for camera in ([dict(type="RandomCamera")], [])
)
