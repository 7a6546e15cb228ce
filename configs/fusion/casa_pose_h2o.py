# CASA on H2O, with the paper's schedule: the pose branch of casa_rgb_h2o.py.
_base_ = [
    "../_base_/default_runtime.py",
    "../_base_/models/casa.py",
    "../_base_/datasets/h2o.py",
    "../_base_/schedules/casa.py",
]
model = dict(data_preprocessor=dict(skeleton="hands42"), max_frames=512)
optim_wrapper = dict(optimizer=dict(lr=3e-4))
