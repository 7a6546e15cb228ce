# AdamW with a warm-up and a cosine, in bfloat16 where the CPU has it. A leaf says how many epochs.
optim_wrapper = dict(
    type="BFloat16OptimWrapper",
    optimizer=dict(type="AdamW", lr=1e-3, weight_decay=0),
    clip_grad=dict(max_norm=1.0),
)
param_scheduler = [
    dict(type="LinearLR", start_factor=0.02, by_epoch=False, begin=0, end=50),
    dict(type="CosineAnnealingLR", eta_min=0, by_epoch=True, convert_to_iter_based=True),
]
train_cfg = dict(type="EpochBasedTrainLoop", max_epochs=30, val_interval=30)
val_cfg = dict(type="ValLoop")
test_cfg = dict(type="TestLoop")
