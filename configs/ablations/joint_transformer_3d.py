# Table 12's heart as in the paper: joints in 3D that attend to each other (ST-TR), CASA's poses and
# augmentations, the rest of LA2DS.
_base_ = ["../la2ds_h2o.py", "../_base_/datasets/pipelines_3d.py"]
model = dict(
    data_preprocessor=dict(
        _delete_=True, type="CoordinateDataPreprocessor", skeleton="hands42", size=30, dims=3
    ),
    encoder=dict(
        _delete_=True,
        type="CoordinateEncoder",
        dim=192,
        spatial="transformer",
        spatial_depth=12,
        temporal_depth=4,
        temporal_encoding="learned",
        num_heads=3,
        max_frames=512,
    ),
)
train_dataloader = dict(dataset=dict(pipeline={{_base_.train_pipeline_3d}}))
test_dataloader = dict(dataset=dict(dataset=dict(pipeline={{_base_.test_pipeline_3d}})))
val_dataloader = test_dataloader
