# Table 13: poses that OpenPose estimated (format openpose of tools/data/prepare.py).
_base_ = "./paper_cpu.py"
model = dict(data_preprocessor=dict(skeleton="body25"))
train_dataloader = dict(dataset=dict(skeleton="body25"))
test_dataloader = dict(dataset=dict(dataset=dict(skeleton="body25")))
