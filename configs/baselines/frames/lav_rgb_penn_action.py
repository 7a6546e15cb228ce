# ViViT + LAV on RGB frames of Penn Action, one of the paper's rows: the network of
# ../../fusion/la2ds_rgb_penn_action.py without cross-attention.
_base_ = "../../fusion/la2ds_rgb_penn_action.py"
_views, _pack = _base_.rgb_train_pipeline
model = dict(
    cross=None,
    head=dict(hidden=None),
    loss=None,
    losses=dict(
        dtw=dict(type="SoftDTWLoss"),
        idm=dict(type="ContrastiveIDMLoss", sigma=10 / 30, time_unit="seconds"),
    ),
    normalize=True,
    embedding="latent",
)
train_dataloader = dict(
    batch_sampler=dict(type="SameActionBatchSampler"),
    dataset=dict(pipeline=[*_views["view1"], _pack]),
)
