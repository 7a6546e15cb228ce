# CASA on generated joints in 3D: the pipeline of casa_3d_h2o.py, without its data.
_base_ = ["./casa_toy.py", "../_base_/datasets/pipelines_3d.py"]
model = dict(data_preprocessor=dict(dims=3))
train_dataloader = dict(dataset=dict(pipeline={{_base_.train_pipeline_3d}}))
test_dataloader = dict(dataset=dict(dataset=dict(pipeline={{_base_.test_pipeline_3d}})))
