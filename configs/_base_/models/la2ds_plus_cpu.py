# Beyond the paper: three networks side by side, of heatmaps (la2ds_cpu.py), of joints that attend
# to each other, and of all joints of a frame at once. The losses act on the embeddings themselves;
# the second one is between different clips of an action.
_blocks = dict(dim=192, num_heads=3, temporal_depth=3, temporal_encoding="rotary")
_loss = dict(
    type="AlignmentLoss",
    objective=dict(regression=50.0, soft_label=1.0),
    temperature=0.05,
    symmetric=True,
)
model = dict(
    type="EnsembleAligner",
    data_preprocessor=dict(
        type="AlignmentDataPreprocessor", heatmap="joint+limb", sigma=0.6, size=30, joints=True
    ),
    members=[
        dict(encoder=dict(type="ViViTEncoder", patch_size=10, spatial_depth=1, **_blocks)),
        dict(
            modality="joints",
            encoder=dict(
                type="CoordinateEncoder", spatial="transformer", spatial_depth=1, **_blocks
            ),
        ),
        dict(
            modality="joints", encoder=dict(type="CoordinateEncoder", spatial="linear", **_blocks)
        ),
    ],
    loss=dict(label_std=1.5, **_loss),
    cross_clip=dict(type="CrossClipLoss", loss=dict(label_std=3.0, **_loss)),
    readout=dict(num_components=32, num_prototypes=32),
    max_frames=256,
)
