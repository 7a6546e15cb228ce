# Table 13: CASA's 3D poses, projected (format casa of tools/data/prepare.py).
_base_ = "./paper_cpu.py"
model = dict(data_preprocessor=dict(skeleton="smpl24"))
train_dataloader = dict(dataset=dict(skeleton="smpl24"))
test_dataloader = dict(dataset=dict(dataset=dict(skeleton="smpl24")))
