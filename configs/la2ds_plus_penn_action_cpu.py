# Beyond the paper: the CPU recipe of LA2DS, and a loss between different clips of the action along
# a time that they share, which the network itself finds while training, without labels. The losses
# act on the embeddings themselves, without a projection head.
_base_ = "./la2ds_penn_action_cpu.py"
_pair = dict(
    type="AlignmentLoss",
    objective=dict(regression=50.0, soft_label=1.0),
    temperature=0.05,
    label_std=3.0,
)
model = dict(
    head=None, loss=dict(temperature=0.05), cross_clip=dict(type="CrossClipLoss", loss=_pair)
)
custom_hooks = [*_base_.custom_hooks, dict(type="CommonTimeHook", pipeline=_base_.test_pipeline)]
# 3480 steps of 8 clips for 87 clips.
train_cfg = dict(max_epochs=40)
