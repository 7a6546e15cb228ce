# The branches of la2ds.py and la2ds_rgb.py, fused late (Sec. 3.4, Fig. 5).
_base_ = "./la2ds.py"
encoder = _base_.model.encoder
model = dict(
    _delete_=True,
    type="FusedAligner",
    encoders=dict(pose=encoder, rgb=dict(encoder, image_size=224, patch_size=16, frame_chunk=64)),
    fusion=dict(type="ConcatFusion", dim=192, dropout=0.5),
    **{k: v for k, v in _base_.model.items() if k not in ("type", "encoder")},
)
del encoder
