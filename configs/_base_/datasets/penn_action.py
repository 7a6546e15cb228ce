# Penn Action, annotated joints. Prepare it: tools/data/prepare.py penn_action SRC --out DST
_base_ = "./poses.py"
poses = dict(data_root="data/penn_action", action="golf_swing", skeleton="penn13")
train_dataloader = dict(dataset=poses)
test_dataloader = dict(dataset=dict(dataset=poses))
val_dataloader = test_dataloader
test_evaluator = dict(tau_stride=2)
val_evaluator = test_evaluator
