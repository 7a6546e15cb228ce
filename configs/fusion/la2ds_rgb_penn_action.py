# RGB frames alone on Penn Action (Table 11).
_base_ = [
    "../_base_/default_runtime.py",
    "../_base_/models/la2ds_rgb.py",
    "../_base_/datasets/penn_action.py",
    "../_base_/datasets/frames.py",
    "../_base_/schedules/casa.py",
]
model = dict(data_preprocessor=dict(skeleton="penn13"))
train_dataloader = dict(
    dataset=dict(
        repeat=100,
        max_frames=256,
        video="frames/{source}",
        pipeline={{_base_.rgb_train_pipeline}},
    )
)
test_dataloader = dict(
    dataset=dict(dataset=dict(video="frames/{source}", pipeline={{_base_.rgb_test_pipeline}}))
)
val_dataloader = test_dataloader
