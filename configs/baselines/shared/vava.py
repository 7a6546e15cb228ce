# VAVA (Liu et al., CVPR 2022): optimal transport with priors, as in the paper.
_base_ = "../../_base_/baselines.py"
model = dict(losses=dict(vava=dict(type="VAVALoss")))
train_dataloader = dict(batch_sampler=dict(type="SameActionBatchSampler"))
