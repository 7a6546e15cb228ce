# CASA on H2O's hands in 3D: what its paper trains on.
_base_ = ["../fusion/casa_pose_h2o.py", "../_base_/datasets/pipelines_3d.py"]
model = dict(data_preprocessor=dict(dims=3))
train_dataloader = dict(dataset=dict(pipeline={{_base_.train_pipeline_3d}}))
test_dataloader = dict(dataset=dict(dataset=dict(pipeline={{_base_.test_pipeline_3d}})))
val_dataloader = test_dataloader
