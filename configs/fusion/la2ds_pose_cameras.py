# Poses alone of two cameras' recordings; see tools/analysis/align_cameras.py.
_base_ = "./la2ds_pose_toy.py"
model = dict(data_preprocessor=dict(skeleton="body25b"))
clips = dict(
    _delete_=True, type="PoseSequenceDataset", data_root="data/cameras", skeleton="body25b"
)
train_dataloader = dict(
    dataset=dict(split="train", repeat=120, pipeline={{_base_.short_train_pipeline}}, **clips)
)
test_dataloader = dict(dataset=dict(dataset=dict(pipeline={{_base_.test_pipeline}}, **clips)))
train_cfg = dict(max_epochs=6)
