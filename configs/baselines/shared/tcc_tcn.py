# TCC and TCN in equal parts.
_base_ = "./tcc.py"
model = dict(
    losses=dict(
        tcc=dict(loss_weight=0.5),
        tcn=dict(type="TimeContrastiveLoss", window=5 / 30, time_unit="seconds", loss_weight=0.5),
    )
)
