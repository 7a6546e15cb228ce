# LA2DS on generated clips of one activity: `mmalign demo --train`, in minutes on two cores.
_base_ = [
    "./_base_/default_runtime.py",
    "./_base_/models/la2ds_cpu.py",
    "./_base_/datasets/poses.py",
    "./_base_/datasets/pipelines_trimmed.py",
    "./_base_/schedules/cpu.py",
]
model = dict(data_preprocessor=dict(skeleton="coco17"))
toy = dict(type="ToyPoseDataset", activity="lift", num_sequences=64, skeleton="coco17")
train_dataloader = dict(
    batch_size=16, dataset=dict(repeat=6, pipeline={{_base_.short_train_pipeline}}, **toy)
)
test_dataloader = dict(dataset=dict(dataset=toy))
train_cfg = dict(max_epochs=30)
# Scored once, at the end, by `mmalign demo --train` or tools/test.py.
val_cfg = None
val_dataloader = None
val_evaluator = None
