# CASA's loss (Kwon et al., CVPR 2022), which is LA2DS' Eq. 3 and 4, in one direction.
_base_ = "../../_base_/baselines.py"
model = dict(
    members=[dict(_base_.temporal, head=dict(type="ProjectionHead", dim=192, hidden=192, out=128))],
    losses=dict(alignment=dict(type="AlignmentLoss", temperature=0.1, symmetric=False)),
    embedding="encoder",
)
train_dataloader = dict(dataset=dict(pipeline=_base_.two_views_pipeline))
