# plus_linear.py with smooth random changes of tempo in both views, in place of frames left out.
_base_ = "./plus_linear.py"
_views, _pack = _base_.dropout_train_pipeline
_warp = dict(type="TemporalWarp", max_log_speed=0.7, min_speed=1.0, max_speed=2.0, max_frames=128)
train_dataloader = dict(
    dataset=dict(
        pipeline=[
            dict(
                _views,
                view0=[_views["view0"][0], _warp, *_views["view0"][2:]],
                view1=[_views["view1"][0], _warp, *_views["view1"][2:]],
            ),
            _pack,
        ]
    )
)
