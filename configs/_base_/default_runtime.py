custom_imports = dict(imports=["mmalign.engine"], allow_failed_imports=False)
default_scope = "mmalign"

default_hooks = dict(
    timer=dict(type="IterTimerHook"),
    logger=dict(type="LoggerHook", interval=10),
    param_scheduler=dict(type="ParamSchedulerHook"),
    checkpoint=dict(
        type="CheckpointHook",
        interval=1,
        max_keep_ckpts=2,
        save_last=True,
        backend_args=dict(backend="atomic_local"),
    ),
    sampler_seed=dict(type="DistSamplerSeedHook"),
    divergence=dict(type="DivergenceHook"),
)
custom_hooks = [
    dict(type="DatasetEpochHook"),
    dict(type="RandomStateHook"),
    dict(type="CheckpointStateHook"),
    dict(type="AlignmentImageHook"),
]

env_cfg = dict(cudnn_benchmark=False, mp_cfg=dict(mp_start_method="fork", opencv_num_threads=0))
randomness = dict(seed=0)
vis_backends = [dict(type="LocalVisBackend"), dict(type="TensorboardVisBackend")]
visualizer = dict(type="Visualizer", vis_backends=vis_backends)
log_processor = dict(by_epoch=True, window_size=10)
log_level = "INFO"
load_from = None
resume = False
