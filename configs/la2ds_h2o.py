# LA2DS on H2O, pouring milk: both hands (Table 9).
_base_ = [
    "./_base_/default_runtime.py",
    "./_base_/models/la2ds.py",
    "./_base_/datasets/poses.py",
    "./_base_/schedules/casa.py",
]
poses = dict(data_root="data/h2o", action="pour_milk", skeleton="hands42", resample_fps=30)
model = dict(data_preprocessor=dict(skeleton="hands42"), max_frames=512)
train_dataloader = dict(batch_size=32, dataset=dict(repeat=100, **poses))
test_dataloader = dict(batch_size=4, dataset=dict(dataset=poses))
val_dataloader = test_dataloader
optim_wrapper = dict(optimizer=dict(lr=3e-4))
