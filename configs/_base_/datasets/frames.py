# RGB frames of 224 pixels, alone and beside poses, with the augmentations of Sec. 3.2 and 3.4: in
# view 1 temporal ones and the flip, the same for both modalities, brightness and contrast. A leaf
# says where the frames are: dataset=dict(video="frames/{id}"), unless the data set's index does.
crop = dict(type="CropToPoseBox", size=30)
drop = dict(type="TemporalSubsample", max_drop=0.5)
noise = [
    dict(type="PositionNoise", prob=0.3, std=1.0),
    dict(type="OrientationNoise", prob=0.3, std=0.1),
]
flip = dict(type="PoseFlip", prob=0.3)
load = dict(type="LoadFrames", modality="rgb", size=224)
colour = dict(type="FrameColour", prob=0.5)
rgb_train_pipeline = [
    dict(type="TwoViews", view0=[load], view1=[drop, flip, load, colour]),
    dict(type="PackAlignmentInputs", modalities=["rgb"]),
]
rgb_test_pipeline = [load, dict(type="PackAlignmentInputs", modalities=["rgb"])]
rgb_pose_train_pipeline = [
    dict(type="TwoViews", view0=[crop, load], view1=[drop, crop, *noise, flip, load, colour]),
    dict(type="PackAlignmentInputs", modalities=["pose", "rgb"]),
]
rgb_pose_test_pipeline = [crop, load, dict(type="PackAlignmentInputs", modalities=["pose", "rgb"])]
del crop, drop, noise, flip, load, colour
