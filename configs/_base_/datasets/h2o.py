# H2O, pouring milk: both hands. Prepare it: tools/data/prepare.py h2o SRC --out DST
_base_ = "./poses.py"
poses = dict(data_root="data/h2o", action="pour_milk", skeleton="hands42", resample_fps=30)
train_dataloader = dict(batch_size=32, dataset=dict(repeat=100, max_frames=512, **poses))
test_dataloader = dict(batch_size=4, dataset=dict(dataset=poses))
val_dataloader = test_dataloader
