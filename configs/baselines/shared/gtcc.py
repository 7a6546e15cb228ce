# GTCC (Donahue and Elhamifar, CVPR 2024): cycles over mixtures, its simple setting. Errors are in
# lengths of the clip, means in the place of sums, and a clip has one other of its batch.
_base_ = "../../_base_/baselines.py"
model = dict(losses=dict(gtcc=dict(type="GTCCLoss", pairs="random_partner")))
train_dataloader = dict(batch_sampler=dict(type="SameActionBatchSampler"))
