"""Aligning the training clips with each other while training."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from mmengine.dataset import pseudo_collate
from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner
from torch import Tensor

from mmalign.errors import InputError
from mmalign.functional.template import common_times
from mmalign.registry import DATASETS, HOOKS


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
    """

    priority = "LOW"

    def __init__(self, pipeline: list[dict], begin: int = 2, batch_size: int = 16) -> None:
        self.pipeline, self.begin, self.batch_size = pipeline, begin, batch_size
        self._dataset: Any = None

    def before_train_epoch(self, runner: Runner) -> None:
        """Give the model's cross-clip loss its common times.

        Raises:
            InputError: If the model has no such loss.
        """
        model = runner.model.module if is_model_wrapper(runner.model) else runner.model
        if model.cross_clip is None:
            raise InputError(
                "CommonTimeHook: the model has no loss between clips that would use what it finds;"
                " set model.cross_clip=dict(type='CrossClipLoss', ...) or leave the hook out"
            )
        if runner.epoch < self.begin:
            return
        if self._dataset is None:
            cfg = runner.cfg.train_dataloader.dataset.to_dict()
            self._dataset = DATASETS.build({**cfg, "pipeline": self.pipeline, "repeat": 1})
        model.eval()
        model.cross_clip.common_times = self._find(model)
        model.train()

    @torch.no_grad()
    def _find(self, model: Any) -> dict[str, Tensor]:
        clips: dict[str, dict[str, np.ndarray]] = {}
        lengths = [self._dataset.get_data_info(i)["num_frames"] for i in range(len(self._dataset))]
        # Clips of like length are padded least.
        order = np.argsort(lengths, kind="stable")
        for start in range(0, len(order), self.batch_size):
            batch = [self._dataset[int(i)] for i in order[start : start + self.batch_size]]
            data = model.data_preprocessor(pseudo_collate(batch))
            embeddings, mask = model(data["inputs"], mode="tensor"), data["inputs"][0].mask
            for sample, frames, real in zip(data["data_samples"], embeddings, mask, strict=True):
                of_action = clips.setdefault(sample.action, {})
                of_action[sample.sample_id] = frames[real].float().cpu().numpy()
        found: dict[str, Tensor] = {}
        for of_action in clips.values():
            times = common_times(list(of_action.values()))
            mean_length = np.mean([len(time) for time in times])
            for name, time in zip(of_action, times, strict=True):
                found[name] = torch.from_numpy(time * mean_length).float()
        return found
