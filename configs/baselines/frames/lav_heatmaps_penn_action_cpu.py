# ViViT on heatmaps with LAV's loss, one network for all actions.
_base_ = "../shared/lav.py"
model = dict(
    data_preprocessor=dict(heatmap="joint+limb", joints=False),
    members=[
        dict(
            _base_.temporal,
            modality="pose",
            encoder=dict(
                type="ViViTEncoder",
                patch_size=10,
                dim=192,
                spatial_depth=1,
                temporal_depth=3,
                num_heads=3,
                temporal_encoding="rotary",
            ),
        )
    ],
)
