# TCC, temporal cycle consistency (Dwibedi et al., CVPR 2019): regression with variance.
_base_ = "../../_base_/baselines.py"
model = dict(losses=dict(tcc=dict(type="CycleConsistencyLoss")))
train_dataloader = dict(batch_sampler=dict(type="SameActionBatchSampler"))
