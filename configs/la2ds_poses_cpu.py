# LA2DS on any prepared data set of poses (--data-root), no label needed: la2ds_penn_action_cpu.py
# without what is Penn Action's. Poses of other joints than COCO's: --cfg-options
# model.data_preprocessor.skeleton=NAME. Several activities in one data set: --action NAME.
_base_ = "./la2ds_penn_action_cpu.py"
poses = dict(data_root="", action=None, skeleton=None)
model = dict(data_preprocessor=dict(skeleton="coco17"))
train_dataloader = dict(dataset=dict(labelled_only=False, **poses))
test_dataloader = dict(dataset=dict(dataset=poses))
test_evaluator = dict(tau_stride=1)
