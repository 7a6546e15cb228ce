# Table 12's heart: coordinates, their joints attending to each other (ST-TR), the rest as in the
# paper.
_base_ = "./paper_cpu.py"
model = dict(
    data_preprocessor=dict(
        _delete_=True, type="CoordinateDataPreprocessor", skeleton="penn13", size=30
    ),
    encoder=dict(
        _delete_=True,
        type="CoordinateEncoder",
        dim=192,
        spatial="transformer",
        spatial_depth=1,
        temporal_depth=2,
        temporal_encoding="learned",
        num_heads=3,
    ),
)
