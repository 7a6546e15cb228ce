# LA2DS on IKEA ASM, Kallax shelf drawer (Table 9): bodies, 17 labels that repeat, 0 = background.
_base_ = [
    "./_base_/default_runtime.py",
    "./_base_/models/la2ds.py",
    "./_base_/datasets/poses.py",
    "./_base_/schedules/casa.py",
]
poses = dict(
    data_root="data/ikea_asm", action="kallax_shelf_drawer", skeleton="coco17", resample_fps=30
)
model = dict(data_preprocessor=dict(skeleton="coco17"), max_frames=512)
train_dataloader = dict(batch_size=4, dataset=dict(repeat=10, **poses))
test_dataloader = dict(batch_size=1, dataset=dict(dataset=poses))
val_dataloader = test_dataloader
test_evaluator = dict(background=0, ordered=False)
val_evaluator = test_evaluator
optim_wrapper = dict(optimizer=dict(lr=3e-2))
