# Other methods by one network for all actions. Clips, augmentations, batches, steps and readout are
# those of ../la2ds_plus_penn_action_all_cpu.py, and so is the network, the third of its three: all
# joints of a frame at once, then attention over time, which knows distances and no positions.
# A leaf gives the losses. Other data: --data-root, --action and
#   --cfg-options model.data_preprocessor.skeleton=NAME test_evaluator.tau_stride=1
_base_ = [
    "./default_runtime.py",
    "./datasets/pipelines_trimmed.py",
    "./schedules/cpu.py",
]
_blocks = dict(type="CoordinateEncoder", dim=192, num_heads=3)
temporal = dict(
    modality="joints",
    encoder=dict(spatial="linear", temporal_depth=3, temporal_encoding="rotary", **_blocks),
    head=dict(type="ProjectionHead", dim=192, hidden=None, out=128),
)
model = dict(
    type="EnsembleAligner",
    data_preprocessor=dict(
        type="AlignmentDataPreprocessor", skeleton="penn13", heatmap=None, joints=True
    ),
    members=[temporal],
    embedding="latent",
    readout=dict(num_components=32, num_prototypes=32),
    action_readouts=True,
    max_frames=256,
)
# What shared leaves become by faithful ones. The TCC lineage: a frame is embedded with the one half
# a second before, and no other, so that clips of any length are embedded whole.
without_readout = dict(readout=None, action_readouts=False)
per_frame = dict(
    members=[
        dict(
            modality="joints",
            encoder=dict(
                spatial="transformer",
                spatial_depth=2,
                temporal_depth=0,
                temporal_encoding="none",
                **_blocks,
            ),
            head=dict(type="ContextConv", dim=192, hidden=192, out=128, seconds=0.5),
        )
    ],
    max_frames=4096,
    **without_readout,
)
# At the paper's scale: heatmaps, 12 blocks over the patches of a frame and 4 over the frames.
paper_scale = dict(
    data_preprocessor=dict(heatmap="joint+limb", joints=False),
    members=[
        dict(
            temporal,
            modality="pose",
            encoder=dict(
                type="ViViTEncoder",
                patch_size=10,
                dim=192,
                spatial_depth=12,
                temporal_depth=4,
                num_heads=3,
                temporal_encoding="rotary",
            ),
        )
    ],
)

_views, _pack = _base_.trimmed_train_pipeline
_dropout = dict(type="JointDropout", prob=0.5, max_share=0.4)
_view1 = [*_views["view1"][:2], _dropout, *_views["view1"][2:]]
one_view_pipeline = [*_view1, _pack]
two_views_pipeline = [dict(_views, view1=_view1), _pack]
test_pipeline = [dict(type="CropToPoseBox", size=30), dict(type="PackAlignmentInputs")]
poses = dict(type="PoseSequenceDataset", data_root="data/penn_action", labelled_only=True)
train_dataloader = dict(
    batch_size=16,
    num_workers=0,
    sampler=dict(type="DefaultSampler", shuffle=True),
    # 20 epochs of 4 times through the 437 clips of five actions: 2200 steps.
    dataset=dict(split="train", repeat=4, pipeline=one_view_pipeline, **poses),
)
test_dataloader = dict(
    batch_size=16,
    num_workers=0,
    sampler=dict(type="DefaultSampler", shuffle=False),
    dataset=dict(type="EvaluationDataset", dataset=dict(pipeline=test_pipeline, **poses)),
)
test_evaluator = dict(type="AlignmentMetric", tau_stride=2)
train_cfg = dict(max_epochs=20)
val_cfg = None

# Without a readout these are the hooks.
hooks_without_readout = _base_.custom_hooks
custom_hooks = [*hooks_without_readout, dict(type="ReadoutHook", pipeline=test_pipeline)]
