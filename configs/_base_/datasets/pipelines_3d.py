# The augmentations of Table 9 on joints in 3D, and how clips are scored.
solid = [dict(type="Use3DKeypoints")]
cube = dict(type="CropToPoseBox", size=30)
train_pipeline_3d = [
    dict(
        type="TwoViews",
        shared=solid,
        view0=[cube],
        view1=[
            dict(type="TemporalSubsample", max_drop=0.5),
            cube,
            dict(type="PositionNoise", prob=0.3, std=1.0),
            dict(type="OrientationNoise", prob=0.3, std=0.1),
            dict(type="PoseFlip", prob=0.3),
        ],
    ),
    dict(type="PackAlignmentInputs"),
]
test_pipeline_3d = [*solid, cube, dict(type="PackAlignmentInputs")]
