"""Aligning the training clips with each other while training."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from mmengine.hooks import Hook
from mmengine.runner import Runner
from torch import Tensor

from mmalign.engine.bare_model import bare_model
from mmalign.engine.hooks.training_clips import TrainingClips
from mmalign.errors import InputError
from mmalign.functional.template import common_times
from mmalign.models.losses import CrossClipLoss
from mmalign.registry import HOOKS


@HOOKS.register_module()
class CommonTimeHook(Hook):
    """Before an epoch, find the time that the training clips of each action share.

    All training clips are embedded whole by the network as it stands and brought onto one time by
    :func:`~mmalign.functional.template.common_times`: pseudo-labels for
    :class:`~mmalign.models.losses.CrossClipLoss`, better every epoch. They follow from the
    weights alone, so that a resumed run finds the same. It costs about the forward passes of
    one time through the clips.

    Args:
        pipeline: transforms of a whole clip: those of the evaluation.
        begin: the first epoch (0-based) that has it; before, the network knows too little.
        batch_size: clips that are embedded at once.
        without: actions whose clips share no time, since they do not show one whole execution.
    """

    priority = "LOW"

    def __init__(
        self,
        pipeline: list[dict],
        begin: int = 2,
        batch_size: int = 16,
        without: Sequence[str] = (),
    ) -> None:
        self.begin, self.without = begin, frozenset(without)
        self.clips = TrainingClips(pipeline, batch_size)

    def before_train_epoch(self, runner: Runner) -> None:
        """Give the model's losses between clips their common times.

        Raises:
            InputError: If the model has no such loss.
        """
        losses = [
            loss for loss in bare_model(runner).losses.values() if isinstance(loss, CrossClipLoss)
        ]
        if not losses:
            raise InputError(
                "CommonTimeHook: the model has no loss between clips that would use what it finds;"
                " set model.losses=dict(cross_clip=dict(type='CrossClipLoss', ...)) or leave the"
                " hook out"
            )
        if runner.epoch >= self.begin:
            times = self._find(runner)
            for loss in losses:
                loss.common_times = times

    def _find(self, runner: Runner) -> dict[str, Tensor]:
        clips = self.clips.embed(runner)
        found: dict[str, Tensor] = {}
        for action, of_action in clips.items():
            if action in self.without:
                continue
            times = common_times(list(of_action.values()))
            mean_length = np.mean([len(time) for time in times])
            for name, time in zip(of_action, times, strict=True):
                found[name] = torch.from_numpy(time * mean_length).float()
        return found
