# LA2DS on Penn Action in minutes on two cores, one model per action (--action). Against the paper's
# recipe (la2ds_penn_action.py): 1 + 3 blocks, rotary encodings instead of absolute ones, no cross
# layers, views trimmed at random, an affine change, both directions of the loss, and beside the
# regression a cross-entropy against soft labels.
_base_ = [
    "./_base_/default_runtime.py",
    "./_base_/models/la2ds_cpu.py",
    "./_base_/datasets/penn_action.py",
    "./_base_/datasets/pipelines_trimmed.py",
    "./_base_/schedules/cpu.py",
]
model = dict(data_preprocessor=dict(skeleton="penn13"))
# 20 epochs of 8 times through an action's clips: 1740 steps of 8 clips for 87 clips.
train_cfg = dict(max_epochs=20)
train_dataloader = dict(
    batch_size=8,
    dataset=dict(labelled_only=True, repeat=8, pipeline={{_base_.trimmed_train_pipeline}}),
)
# Scored once, at the end, by tools/test.py.
val_cfg = None
val_dataloader = None
val_evaluator = None
