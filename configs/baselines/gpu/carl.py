# CARL at the paper's scale, on an accelerator: about 13,700 steps of 64 clips.
_base_ = "../shared/carl.py"
model = dict(
    _base_.paper_scale,
    members=[dict(_base_.paper_scale.members[0], head=_base_.model.members[0].head)],
)
optim_wrapper = dict(optimizer=dict(lr=1e-4))
train_dataloader = dict(batch_size=64, num_workers=8, dataset=dict(repeat=100))
