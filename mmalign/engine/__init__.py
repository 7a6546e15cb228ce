"""Hooks and optimizer wrappers."""

from mmalign.engine.hooks import (
    AlignmentImageHook,
    CheckpointStateHook,
    DatasetEpochHook,
    RandomStateHook,
)
from mmalign.engine.optim_wrapper import BFloat16OptimWrapper

__all__ = [
    "AlignmentImageHook",
    "BFloat16OptimWrapper",
    "CheckpointStateHook",
    "DatasetEpochHook",
    "RandomStateHook",
]
