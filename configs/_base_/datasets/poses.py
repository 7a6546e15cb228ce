# Any prepared data set of poses. A leaf gives data_root (or --data-root) and, where a data set has
# several, the action (or --action).
_base_ = "./pipelines.py"

train_dataloader = dict(
    batch_size=64,
    num_workers=2,
    persistent_workers=True,
    sampler=dict(type="DefaultSampler", shuffle=True),
    dataset=dict(type="PoseSequenceDataset", split="train", pipeline=_base_.train_pipeline),
)
# Scored are labelled clips only: the train split, and the validation split whole and trimmed.
test_dataloader = dict(
    batch_size=16,
    num_workers=0,
    sampler=dict(type="DefaultSampler", shuffle=False),
    dataset=dict(
        type="EvaluationDataset",
        dataset=dict(type="PoseSequenceDataset", labelled_only=True, pipeline=_base_.test_pipeline),
    ),
)
val_dataloader = test_dataloader
test_evaluator = dict(type="AlignmentMetric")
val_evaluator = test_evaluator
