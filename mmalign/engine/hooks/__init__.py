"""Hooks of the training loop."""

from mmalign.engine.hooks.alignment_image import AlignmentImageHook
from mmalign.engine.hooks.checkpoint_state import CheckpointStateHook
from mmalign.engine.hooks.common_time import CommonTimeHook
from mmalign.engine.hooks.dataset_epoch import DatasetEpochHook
from mmalign.engine.hooks.divergence import DivergenceHook
from mmalign.engine.hooks.random_state import RandomStateHook
from mmalign.engine.hooks.readout import ReadoutHook

__all__ = [
    "AlignmentImageHook",
    "CheckpointStateHook",
    "CommonTimeHook",
    "DatasetEpochHook",
    "DivergenceHook",
    "RandomStateHook",
    "ReadoutHook",
]
