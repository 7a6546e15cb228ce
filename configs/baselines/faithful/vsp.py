# VSP, by its own kind of encoder: CARL's, 3 blocks of 8 heads over positions in the clip.
_base_ = "../shared/vsp.py"
_encoder = dict(
    type="CoordinateEncoder",
    dim=192,
    spatial="transformer",
    spatial_depth=2,
    temporal_depth=3,
    temporal_encoding="sinusoidal",
    num_heads=8,
)
model = dict(
    members=[dict(_base_.model.members[0], encoder=_encoder)],
    **_base_.without_readout,
)
custom_hooks = _base_.hooks_without_readout
