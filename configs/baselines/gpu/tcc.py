# TCC at the paper's scale, on an accelerator: about 13,700 steps of 64 clips.
_base_ = "../shared/tcc.py"
model = _base_.paper_scale
optim_wrapper = dict(optimizer=dict(lr=1e-4))
train_dataloader = dict(batch_size=64, num_workers=8, dataset=dict(repeat=100))
