# Table 10: without position noise.
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
                    dict(type="OrientationNoise", prob=0.3, std=0.1),
                    dict(type="PoseFlip", prob=0.3),
                ],
            ),
            dict(type="PackAlignmentInputs"),
        ]
    )
)
