# CASA (Kwon et al., CVPR 2022): joints as coordinates, attention over time alone, in four pairs of
# self and cross layers, sinusoidal encodings. Full attention in place of CASA's linear one.
# A leaf names the skeleton: model = dict(data_preprocessor=dict(skeleton=...)).
model = dict(
    type="Aligner",
    data_preprocessor=dict(type="CoordinateDataPreprocessor", size=30),
    encoder=dict(
        type="CoordinateEncoder",
        dim=192,
        spatial="linear",
        temporal_depth=0,
        temporal_encoding="none",
        num_heads=3,
    ),
    cross=dict(
        type="CrossAttention",
        dim=192,
        n_cross=4,
        with_self=True,
        num_heads=3,
        encoding="sinusoidal",
    ),
    head=dict(type="ProjectionHead", dim=192, hidden=192, out=128),
    loss=dict(type="AlignmentLoss", temperature=0.1, symmetric=False),
)
