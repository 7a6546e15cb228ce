# The supervised twin: all labels of the training split, which no other method sees.
_base_ = "../../_base_/baselines.py"
model = dict(
    members=[dict(_base_.temporal, head=None)],
    losses=dict(
        phases=dict(
            type="PhaseClassificationLoss",
            dim=192,
            actions=[
                "baseball_swing",
                "golf_swing",
                "jumping_jacks",
                "pushups",
                "tennis_forehand",
            ],
        )
    ),
)
