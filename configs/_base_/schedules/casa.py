# CASA's schedule, which the paper follows: Adam, weight decay 0, and Table 9's "weight decay 0.5"
# as the gamma of its MultiStepLR.
optim_wrapper = dict(type="OptimWrapper", optimizer=dict(type="Adam", lr=3e-3, weight_decay=0))
param_scheduler = dict(
    type="MultiStepLR", by_epoch=True, gamma=0.5, milestones=[30, 40, 50, 60, 70, 80, 90, 100]
)
train_cfg = dict(type="EpochBasedTrainLoop", max_epochs=100, val_interval=100)
val_cfg = dict(type="ValLoop")
test_cfg = dict(type="TestLoop")
