# LA2DS across cameras: the two views of an execution are its 3D poses through two random cameras.
# Prepare the data: tools/data/prepare.py ui_prmd SRC --out data/ui_prmd
_base_ = [
    "./_base_/default_runtime.py",
    "./_base_/models/la2ds_cpu.py",
    "./_base_/datasets/poses.py",
    "./_base_/datasets/pipelines_cameras.py",
    "./_base_/schedules/cpu.py",
]
model = dict(data_preprocessor=dict(skeleton="penn13"), head=None, loss=dict(temperature=0.05))
poses = dict(data_root="data/ui_prmd", action="deep_squat", skeleton="penn13", resample_fps=30.0)
train_dataloader = dict(
    batch_size=8, dataset=dict(repeat=8, pipeline={{_base_.cameras_train_pipeline}}, **poses)
)
test_dataloader = dict(dataset=dict(dataset=poses))
train_cfg = dict(max_epochs=30)
# Scored by tools/analysis/view_angles.py: there are no phase labels.
val_cfg = None
val_dataloader = None
val_evaluator = None
