# RGB frames alone on H2O (Table 11).
_base_ = [
    "../_base_/default_runtime.py",
    "../_base_/models/la2ds_rgb.py",
    "../_base_/datasets/h2o.py",
    "../_base_/datasets/frames.py",
    "../_base_/schedules/casa.py",
]
long = dict(max_frames=512)
model = dict(data_preprocessor=dict(skeleton="hands42"), encoder=long, cross=long, **long)
train_dataloader = dict(dataset=dict(pipeline={{_base_.rgb_train_pipeline}}))
test_dataloader = dict(dataset=dict(dataset=dict(pipeline={{_base_.rgb_test_pipeline}})))
val_dataloader = test_dataloader
optim_wrapper = dict(optimizer=dict(lr=3e-4))
