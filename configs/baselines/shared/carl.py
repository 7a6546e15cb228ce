# CARL (Chen et al., CVPR 2022): sequence contrast of two views of a clip. Its variance of 10
# squared frames is taken at 30 frames per second.
_base_ = "../../_base_/baselines.py"
model = dict(
    members=[dict(_base_.temporal, head=dict(type="BatchNormHead", dim=192, hidden=128, out=128))],
    losses=dict(
        carl=dict(type="SequenceContrastiveLoss", variance=10 / 30**2, time_unit="seconds")
    ),
    normalize=True,
    embedding="encoder",
)
train_dataloader = dict(dataset=dict(pipeline=_base_.two_views_pipeline))
