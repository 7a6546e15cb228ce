# VAOT (Ali et al., ICCV 2025): pseudo-labels by fused Gromov-Wasserstein transport. The radius is
# 0.1: with its code's 0.02, 20 frames have no neighbours, and their structure does not enter.
_base_ = "../../_base_/baselines.py"
model = dict(losses=dict(vaot=dict(type="VAOTLoss")), normalize=True)
train_dataloader = dict(batch_sampler=dict(type="SameActionBatchSampler"))
