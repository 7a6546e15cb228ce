# As la2ds_poses_cpu.py, by the recipe of la2ds_plus_penn_action_cpu.py: better where every clip
# shows one whole execution of its activity, which the loss between clips takes for granted.
_base_ = "./la2ds_plus_penn_action_cpu.py"
poses = dict(data_root="", action=None, skeleton=None)
model = dict(action_readouts=True, data_preprocessor=dict(skeleton="coco17"))
train_dataloader = dict(dataset=dict(labelled_only=False, **poses))
test_dataloader = dict(dataset=dict(dataset=poses))
test_evaluator = dict(tau_stride=1)
