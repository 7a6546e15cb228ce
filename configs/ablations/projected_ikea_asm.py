# Table 13: CASA's 3D poses of IKEA ASM, projected.
_base_ = "../la2ds_ikea_asm.py"
_poses = dict(skeleton="smpl24")
model = dict(data_preprocessor=_poses)
train_dataloader = dict(dataset=_poses)
test_dataloader = dict(dataset=dict(dataset=_poses))
val_dataloader = test_dataloader
