# D2TW (Hadji et al., CVPR 2021): discriminative smooth DTW.
_base_ = "../../_base_/baselines.py"
model = dict(losses=dict(d2tw=dict(type="SmoothDTWLoss")), normalize=True)
train_dataloader = dict(batch_sampler=dict(type="SameActionBatchSampler"))
