# CASA's network of joint coordinates on generated clips: trains in a minute or two on one core, for
# a first look (the notebook) and quick tries. `mmalign demo --train` trains ../la2ds_toy.py.
_base_ = [
    "../_base_/default_runtime.py",
    "../_base_/models/casa.py",
    "../_base_/datasets/poses.py",
    "../_base_/datasets/pipelines_trimmed.py",
    "../_base_/schedules/cpu.py",
]
model = dict(data_preprocessor=dict(skeleton="coco17"))
toy = dict(type="ToyPoseDataset", activity="lift", num_sequences=64, skeleton="coco17")
train_dataloader = dict(
    batch_size=16,
    num_workers=0,
    persistent_workers=False,
    dataset=dict(repeat=6, pipeline={{_base_.short_train_pipeline}}, **toy),
)
test_dataloader = dict(dataset=dict(dataset=toy))
train_cfg = dict(max_epochs=12)
val_cfg = None
val_dataloader = None
val_evaluator = None
