# RGB frames of 56 pixels, alone and beside poses: trimmed views of at most 48 frames, as in
# pipelines_trimmed.py; brightness, contrast and the flip, the same for both modalities, in view 1.
trim = dict(type="TemporalTrim", min_ratio=0.4, prob=0.7)
drop = [dict(type="TemporalSubsample", max_drop=share, max_frames=48) for share in (0, 0.5)]
crop = dict(type="CropToPoseBox", size=30)
affine = dict(type="PoseAffine", prob=0.5, rotation=0.05, log_scale=0.1, shear=0.05)
noise = [
    dict(type="PositionNoise", prob=0.3, std=1.0),
    dict(type="OrientationNoise", prob=0.3, std=0.1),
]
flip = dict(type="PoseFlip", prob=0.3)
load = dict(type="LoadFrames", modality="rgb", size=56)
colour = dict(type="FrameColour", prob=0.5)
rgb_train_pipeline = [
    dict(type="TwoViews", view0=[trim, drop[0], load], view1=[trim, drop[1], flip, load, colour]),
    dict(type="PackAlignmentInputs", modalities=["rgb"]),
]
rgb_test_pipeline = [load, dict(type="PackAlignmentInputs", modalities=["rgb"])]
rgb_pose_train_pipeline = [
    dict(
        type="TwoViews",
        view0=[trim, drop[0], crop, affine, load],
        view1=[trim, drop[1], crop, *noise, flip, affine, load, colour],
    ),
    dict(type="PackAlignmentInputs", modalities=["pose", "rgb"]),
]
rgb_pose_test_pipeline = [crop, load, dict(type="PackAlignmentInputs", modalities=["pose", "rgb"])]
del trim, drop, crop, affine, noise, flip, load, colour  # Names of pipelines_trimmed.py, too.
