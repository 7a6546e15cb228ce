# TCC and TCN in equal parts.
_base_ = "../../_base_/baselines.py"
model = dict(
    losses=dict(
        tcc=dict(type="CycleConsistencyLoss", loss_weight=0.5),
        tcn=dict(type="TimeContrastiveLoss", window=5 / 30, time_unit="seconds", loss_weight=0.5),
    )
)
train_dataloader = dict(batch_sampler=dict(type="SameActionBatchSampler"))
