"""Telling the training data which epoch it is."""

from __future__ import annotations

from typing import Any

from mmengine.hooks import Hook
from mmengine.runner import Runner

from mmalign.registry import HOOKS


@HOOKS.register_module()
class DatasetEpochHook(Hook):
    """Call ``set_epoch`` of the training data set and batch sampler before each epoch.

    A data set seeds each sample's generator with (seed, epoch, index): neither the number of
    workers nor an interruption changes what is drawn. MMEngine itself tells only the sampler.
    """

    priority = "NORMAL"

    def before_train_epoch(self, runner: Runner) -> None:
        """Pass the epoch (0-based) on; before the loader's workers start to read."""
        loader = runner.train_dataloader
        set_dataset_epoch(loader.dataset, runner.epoch)
        if hasattr(loader.batch_sampler, "set_epoch"):
            loader.batch_sampler.set_epoch(runner.epoch)


def set_dataset_epoch(dataset: Any, epoch: int) -> None:
    """Call ``set_epoch(epoch)`` on ``dataset`` or on all that it wraps.

    Args:
        dataset: A data set; wrappers of MMEngine and torch (``dataset``, ``datasets``) are opened.
        epoch: 0-based.
    """
    if hasattr(dataset, "set_epoch"):
        dataset.set_epoch(epoch)
        return
    inner = getattr(dataset, "dataset", None)
    for wrapped in getattr(dataset, "datasets", [inner]):
        if wrapped is not None:
            set_dataset_epoch(wrapped, epoch)
