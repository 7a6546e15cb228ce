# pipelines_trimmed.py for poses whose joints a detector may miss: in view 1 joints are absent at
# random, before the crop, since what is left has another box.
_base_ = "./pipelines_trimmed.py"
_dropout = dict(type="JointDropout", prob=0.5, max_share=0.4)
_views, _pack = _base_.trimmed_train_pipeline
dropout_train_pipeline = [
    dict(_views, view1=[*_views["view1"][:2], _dropout, *_views["view1"][2:]]),
    _pack,
]
