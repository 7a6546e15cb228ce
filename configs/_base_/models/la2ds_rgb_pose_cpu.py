# The branches of la2ds_cpu.py and la2ds_rgb_cpu.py, fused late.
_base_ = "./la2ds_cpu.py"
encoder = _base_.model.encoder
model = dict(
    _delete_=True,
    type="FusedAligner",
    encoders=dict(
        pose=encoder,
        rgb=dict(encoder, image_size=56, patch_size=14, frame_chunk=2048),
    ),
    fusion=dict(type="ConcatFusion", dim=192, dropout=0.5),
    loss=dict(_base_.model.loss, temperature=0.05),
    **{k: v for k, v in _base_.model.items() if k not in ("type", "encoder", "loss")},
)
del encoder
