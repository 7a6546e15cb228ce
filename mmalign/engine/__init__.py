"""Hooks and optimizer wrappers."""

from mmalign.engine.hooks import CheckpointStateHook, DatasetEpochHook, RandomStateHook
from mmalign.engine.optim_wrapper import BFloat16OptimWrapper

__all__ = ["BFloat16OptimWrapper", "CheckpointStateHook", "DatasetEpochHook", "RandomStateHook"]
