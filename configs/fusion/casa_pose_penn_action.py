# CASA on Penn Action, with the paper's schedule: the pose branch of casa_rgb_penn_action.py.
_base_ = [
    "../_base_/default_runtime.py",
    "../_base_/models/casa.py",
    "../_base_/datasets/penn_action.py",
    "../_base_/schedules/casa.py",
]
model = dict(data_preprocessor=dict(skeleton="penn13"))
train_dataloader = dict(dataset=dict(repeat=100))
