# A network small enough for two cores: 1 + 3 blocks, rotary encodings, no cross layers.
_base_ = "./la2ds.py"
model = dict(
    encoder=dict(spatial_depth=1, temporal_depth=3, temporal_encoding="rotary"),
    cross=dict(n_cross=0, encoding="none"),
    loss=dict(objective=dict(regression=50.0, soft_label=1.0), symmetric=True, label_std=1.5),
)
