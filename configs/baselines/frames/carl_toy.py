# CARL on the frames of generated clips: two views, by the network of ../../fusion/la2ds_rgb_toy.py.
_base_ = "../../fusion/la2ds_rgb_toy.py"
model = dict(
    cross=None,
    head=dict(type="BatchNormHead", dim=96, hidden=128, out=128),
    loss=None,
    losses=dict(
        carl=dict(type="SequenceContrastiveLoss", variance=10 / 30**2, time_unit="seconds")
    ),
    normalize=True,
)
