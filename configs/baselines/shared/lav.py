# LAV (Haresh et al., CVPR 2021): soft-DTW between clips and a contrast within each. Its sigma of 10
# frames is taken at 30 frames per second.
_base_ = "../../_base_/baselines.py"
model = dict(
    losses=dict(
        dtw=dict(type="SoftDTWLoss"),
        idm=dict(type="ContrastiveIDMLoss", sigma=10 / 30, time_unit="seconds"),
    ),
    normalize=True,
)
train_dataloader = dict(batch_sampler=dict(type="SameActionBatchSampler"))
