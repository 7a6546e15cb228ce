# The paper's network and augmentations (Table 9), 1 + 2 blocks and 2 cross layers, on a schedule
# for two cores: what the ablations change one thing of. The loss is that of the CPU recipe: by
# Eq. 4 alone tennis_forehand is hardly learned in so few steps. One model per action (--action).
_base_ = [
    "../_base_/default_runtime.py",
    "../_base_/models/la2ds_cpu.py",
    "../_base_/datasets/penn_action.py",
    "../_base_/schedules/cpu.py",
]
model = dict(
    data_preprocessor=dict(skeleton="penn13"),
    encoder=dict(temporal_depth=2, temporal_encoding="learned"),
    cross=dict(n_cross=2, encoding="learned"),
)
train_cfg = dict(max_epochs=10)
train_dataloader = dict(batch_size=8, dataset=dict(labelled_only=True, repeat=8))
val_cfg = None
val_dataloader = None
val_evaluator = None
