# LA2DS on IKEA ASM, Kallax shelf drawer (Table 9): bodies, 17 labels that repeat, 0 = background.
_base_ = [
    "./_base_/default_runtime.py",
    "./_base_/models/la2ds.py",
    "./_base_/datasets/ikea_asm.py",
    "./_base_/schedules/casa.py",
]
long = dict(max_frames=512)
model = dict(data_preprocessor=dict(skeleton="coco17"), encoder=long, cross=long, **long)
optim_wrapper = dict(optimizer=dict(lr=3e-2))
