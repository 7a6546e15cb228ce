# Table 10: no augmentation at all.
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
                ],
            ),
            dict(type="PackAlignmentInputs"),
        ]
    )
)
