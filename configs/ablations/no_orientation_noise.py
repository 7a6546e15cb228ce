# Table 10: without orientation noise.
_base_ = "./paper_cpu.py"
crop = dict(type="CropToPoseBox", size=30)
train_dataloader = dict(
    dataset=dict(
        pipeline=[
            dict(
                type="TwoViews",
                view0=[crop],
                view1=[
                    dict(type="TemporalSubsample", max_drop=0.5),
                    crop,
                    dict(type="PositionNoise", prob=0.3, std=1.0),
                    dict(type="PoseFlip", prob=0.3),
                ],
            ),
            dict(type="PackAlignmentInputs"),
        ]
    )
)
