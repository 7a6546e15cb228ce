# The network of the paper: Sec. 3.3, Table 9. Depths are ViViT-B's, which "as in [2]" points at.
# A leaf names the skeleton: model = dict(data_preprocessor=dict(skeleton=...)).
model = dict(
    type="Aligner",
    data_preprocessor=dict(
        type="AlignmentDataPreprocessor", heatmap="joint+limb", sigma=0.6, size=30
    ),
    encoder=dict(
        type="ViViTEncoder",
        patch_size=10,
        dim=192,
        spatial_depth=12,
        temporal_depth=4,
        num_heads=3,
        spatial_encoding="learned",
        temporal_encoding="learned",
        max_frames=256,
    ),
    cross=dict(type="CrossAttention", dim=192, n_cross=4, num_heads=3, encoding="learned"),
    head=dict(type="ProjectionHead", dim=192, hidden=192, out=128),
    loss=dict(type="AlignmentLoss", temperature=0.1, symmetric=False),
    max_frames=256,
)
