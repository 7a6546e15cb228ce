# The pipeline of pipelines.py with one augmentation of Table 9 left out, and with none of them.
crop = dict(type="CropToPoseBox", size=30)
steps = dict(
    temporal=dict(type="TemporalSubsample", max_drop=0.5),
    crop=crop,
    position=dict(type="PositionNoise", prob=0.3, std=1.0),
    orientation=dict(type="OrientationNoise", prob=0.3, std=0.1),
    flip=dict(type="PoseFlip", prob=0.3),
)
augmentations = [name for name in steps if name != "crop"]
without = {
    left_out: [
        dict(
            type="TwoViews",
            view0=[crop],
            view1=[step for name, step in steps.items() if name not in gone],
        ),
        dict(type="PackAlignmentInputs"),
    ]
    for left_out, gone in {**{name: [name] for name in augmentations}, "all": augmentations}.items()
}
