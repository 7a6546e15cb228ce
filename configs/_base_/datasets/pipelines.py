# Table 9: probability 0.3 for position, orientation and flip; temporal: up to half of the frames.
train_pipeline = [
    dict(
        type="TwoViews",
        view0=[dict(type="CropToPoseBox", size=30)],
        view1=[
            dict(type="TemporalSubsample", max_drop=0.5),
            dict(type="CropToPoseBox", size=30),
            dict(type="PositionNoise", prob=0.3, std=1.0),
            dict(type="OrientationNoise", prob=0.3, std=0.1),
            dict(type="PoseFlip", prob=0.3),
        ],
    ),
    dict(type="PackAlignmentInputs"),
]
test_pipeline = [dict(type="CropToPoseBox", size=30), dict(type="PackAlignmentInputs")]
