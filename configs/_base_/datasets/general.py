# Bodies of many activities from several sources, in 13 joints: Penn Action's annotated joints,
# UI-PRMD's markers and generated bodies, the last two in 3D and thus through random cameras.
# Prepare them:
#   tools/data/prepare.py penn_action SRC --out data/penn_action --actions baseball_pitch \
#       baseball_swing bench_press bowling clean_and_jerk golf_swing jump_rope jumping_jacks \
#       pullups pushups situp squats strum_guitar tennis_forehand tennis_serve
#   tools/data/prepare.py ui_prmd SRC --out data/ui_prmd --cameras 1
_base_ = "./pipelines_general.py"
_body = dict(skeleton="penn13", split="train", repeat=2)
_solid = dict(pipeline={{_base_.solid_train_pipeline}}, **_body)
_toy = dict(type="ToyPoseDataset", convert_to="penn13", **_solid)
train_dataloader = dict(
    batch_size=8,
    num_workers=0,
    # Twice 4 clips of one activity.
    sampler=dict(type="ActionGroupSampler", group=4),
    dataset=dict(
        type="ConcatDataset",
        ignore_keys=["dataset_type", "source", "phases"],
        datasets=[
            dict(
                type="PoseSequenceDataset",
                data_root="data/penn_action",
                pipeline={{_base_.flat_train_pipeline}},
                **_body,
            ),
            dict(type="PoseSequenceDataset", data_root="data/ui_prmd", resample_fps=30.0, **_solid),
            dict(activity=["lift", "wave_squat", "throw"], num_sequences=24, **_toy),
            dict(activity=[f"random_{k}" for k in range(60)], num_sequences=8, **_toy),
        ],
    ),
)
# Scored are Penn Action's labelled clips.
test_dataloader = dict(
    batch_size=16,
    num_workers=0,
    sampler=dict(type="DefaultSampler", shuffle=False),
    dataset=dict(
        type="EvaluationDataset",
        dataset=dict(
            type="PoseSequenceDataset",
            data_root="data/penn_action",
            skeleton="penn13",
            labelled_only=True,
            pipeline={{_base_.test_pipeline}},
        ),
    ),
)
test_evaluator = dict(type="AlignmentMetric", tau_stride=2)
