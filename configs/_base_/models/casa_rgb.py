# CASA with a branch of RGB frames, encoded by a ViViT (Sec. 4.3, the baseline of Table 8).
_base_ = "./casa.py"
model = dict(
    _delete_=True,
    type="FusedAligner",
    encoders=dict(
        pose=_base_.model.encoder,
        rgb=dict(
            type="ViViTEncoder", dim=192, image_size=224, patch_size=16, num_heads=3, frame_chunk=64
        ),
    ),
    fusion=dict(type="ConcatFusion", dim=192, dropout=0.5),
    **{k: v for k, v in _base_.model.items() if k not in ("type", "encoder")},
)
