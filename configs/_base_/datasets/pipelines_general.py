# Two views of a clip that differ in all that may differ between two videos: window, tempo (idling,
# slow motion, ramps), what an estimator gets wrong, mirroring and, of 3D poses, the camera.
_base_ = "./pipelines.py"
_crop = dict(type="CropToPoseBox", size=30)
_affine = dict(type="PoseAffine", prob=0.5, rotation=0.05, log_scale=0.1, shear=0.05)
_moments = [
    dict(type="TemporalIdle", max_share=0.5, prob=0.2),
    dict(type="TemporalTrim", min_ratio=0.4, prob=0.7),
    dict(
        type="TemporalWarp",
        max_log_speed=0.8,
        min_speed=0.7,
        max_speed=2.0,
        max_frames=128,
        prob=0.7,
    ),
    dict(type="TemporalSubsample", max_drop=0, max_frames=128),
]
_errors = [
    dict(type="JointDropout", prob=0.5, max_share=0.4),
    dict(type="SideSwap", prob=0.3, max_share=0.2),
    _crop,
    dict(type="PositionNoise", prob=0.3, std=1.0),
    dict(type="PositionNoise", prob=0.3, std=0.7, temporal_smoothness=2),
    dict(type="OrientationNoise", prob=0.3, std=0.1),
    dict(type="PoseFlip", prob=0.3),
]
flat_train_pipeline, solid_train_pipeline = (
    [
        dict(
            type="TwoViews",
            view0=[*camera, *_moments, _crop, _affine],
            view1=[*camera, *_moments, *_errors, _affine],
        ),
        dict(type="PackAlignmentInputs"),
    ]
    for camera in ([], [dict(type="RandomCamera")])
)
