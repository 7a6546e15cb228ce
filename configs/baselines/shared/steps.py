# STEPs (Shah et al., ICCV 2023): bootstrapped contrast of joints and their velocities, which stand
# for its RGB and flow. Its window of 10 seconds is 0.15 of the clip.
_base_ = "../../_base_/baselines.py"
_head = dict(type="ProjectionHead", dim=192, hidden=128, out=128)
model = dict(
    type="CueAligner",
    members=[dict(_base_.temporal, head=_head)],
    cues=[
        dict(
            modality="joints",
            encoder=dict(_base_.temporal.encoder, type="MotionEncoder"),
            head=_head,
        )
    ],
    losses=dict(steps=dict(type="MultiCueLoss", cues=2)),
    normalize=True,
    embedding="encoder",
)
