# CASA on IKEA ASM, with the paper's schedule: the pose branch of casa_rgb_ikea_asm.py.
_base_ = [
    "../_base_/default_runtime.py",
    "../_base_/models/casa.py",
    "../_base_/datasets/ikea_asm.py",
    "../_base_/schedules/casa.py",
]
model = dict(data_preprocessor=dict(skeleton="coco17"), max_frames=512)
optim_wrapper = dict(optimizer=dict(lr=3e-2))
