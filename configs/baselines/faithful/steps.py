# STEPs, by its own kind of encoder: 2 blocks of 2 heads over positions in the clip, for either cue.
_base_ = "../shared/steps.py"
_encoder = dict(
    type="CoordinateEncoder",
    dim=192,
    spatial="transformer",
    spatial_depth=2,
    temporal_depth=2,
    temporal_encoding="sinusoidal",
    num_heads=2,
)
model = dict(
    members=[dict(_base_.model.members[0], encoder=_encoder)],
    cues=[dict(_base_.model.cues[0], encoder=dict(_encoder, type="MotionEncoder"))],
    **_base_.without_readout,
)
custom_hooks = _base_.hooks_without_readout
