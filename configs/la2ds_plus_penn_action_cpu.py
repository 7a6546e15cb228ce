# Beyond the paper, one model per action (--action): the CPU recipe's clips and augmentations and,
# in view 1, joints that are absent; three networks of different kinds; a loss between different
# clips of the action along a time that they share, which the network itself finds while training,
# without labels; and a readout, fitted when training ends.
_base_ = [
    "./_base_/default_runtime.py",
    "./_base_/models/la2ds_plus_cpu.py",
    "./_base_/datasets/penn_action.py",
    "./_base_/datasets/pipelines_dropout.py",
    "./_base_/schedules/cpu.py",
]
model = dict(data_preprocessor=dict(skeleton="penn13"))
custom_hooks = [
    *_base_.custom_hooks,
    dict(type="CommonTimeHook", pipeline=_base_.test_pipeline),
    dict(type="ReadoutHook", pipeline=_base_.test_pipeline),
]
# 20 epochs of 8 times through an action's clips: 1740 steps of 8 clips for 87 clips.
train_cfg = dict(max_epochs=20)
train_dataloader = dict(
    batch_size=8,
    dataset=dict(labelled_only=True, repeat=8, pipeline={{_base_.dropout_train_pipeline}}),
)
# Scored once, at the end, by tools/test.py.
val_cfg = None
val_dataloader = None
val_evaluator = None
