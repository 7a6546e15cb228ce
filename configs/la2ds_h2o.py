# LA2DS on H2O, pouring milk: both hands (Table 9).
_base_ = [
    "./_base_/default_runtime.py",
    "./_base_/models/la2ds.py",
    "./_base_/datasets/h2o.py",
    "./_base_/schedules/casa.py",
]
long = dict(max_frames=512)
model = dict(data_preprocessor=dict(skeleton="hands42"), encoder=long, cross=long, **long)
optim_wrapper = dict(optimizer=dict(lr=3e-4))
