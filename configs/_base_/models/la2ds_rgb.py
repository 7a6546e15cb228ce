# The network of la2ds.py on RGB frames of 224 pixels in patches of 16 (ViT's).
_base_ = "./la2ds.py"
model = dict(modality="rgb", encoder=dict(image_size=224, patch_size=16, frame_chunk=64))
