# The network of la2ds_cpu.py on frames of 56 pixels, 4 x 4 patches.
_base_ = "./la2ds_cpu.py"
model = dict(
    modality="rgb",
    encoder=dict(image_size=56, patch_size=14, frame_chunk=2048),
    loss=dict(temperature=0.05),
)
