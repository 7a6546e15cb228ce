# Table 10: without temporal augmentation.
_base_ = "./paper_cpu.py"
crop = dict(type="CropToPoseBox", size=30)
train_dataloader = dict(
    dataset=dict(
        pipeline=[
            dict(
                type="TwoViews",
                view0=[crop],
                view1=[
                    crop,
                    dict(type="PositionNoise", prob=0.3, std=1.0),
                    dict(type="OrientationNoise", prob=0.3, std=0.1),
                    dict(type="PoseFlip", prob=0.3),
                ],
            ),
            dict(type="PackAlignmentInputs"),
        ]
    )
)
