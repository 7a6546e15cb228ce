"""The training clips as the network sees them while it trains."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from mmengine.dataset import pseudo_collate
from mmengine.runner import Runner

from mmalign.engine.bare_model import bare_model
from mmalign.registry import DATASETS


class TrainingClips:
    """Embeds all training clips whole, by the network as it stands.

    Args:
        pipeline: transforms of a whole clip: those of the evaluation.
        batch_size: clips that are embedded at once.
    """

    def __init__(self, pipeline: list[dict], batch_size: int = 16) -> None:
        self.pipeline, self.batch_size = pipeline, batch_size
        self._dataset: Any = None

    @torch.no_grad()
    def embed(self, runner: Runner) -> dict[str, dict[str, np.ndarray]]:
        """Per action and sample id the embeddings ``(T, D)``; the model trains on afterwards."""
        if self._dataset is None:
            cfg = runner.cfg.train_dataloader.dataset.to_dict()
            self._dataset = DATASETS.build(self._whole(cfg))
        model = bare_model(runner)
        model.eval()
        clips: dict[str, dict[str, np.ndarray]] = {}
        lengths = [self._dataset.get_data_info(i)["num_frames"] for i in range(len(self._dataset))]
        # Clips of like length are padded least.
        order = np.argsort(lengths, kind="stable")
        for start in range(0, len(order), self.batch_size):
            batch = [self._dataset[int(i)] for i in order[start : start + self.batch_size]]
            for sample in model.val_step(pseudo_collate(batch)):
                of_action = clips.setdefault(sample.action, {})
                of_action[sample.sample_id] = sample.embedding.float().cpu().numpy()
        model.train()
        return clips

    def _whole(self, cfg: Mapping[str, Any]) -> dict[str, Any]:
        """The config of a data set, or of several in one, that gives every clip once and whole."""
        if "datasets" in cfg:
            return {**cfg, "datasets": [self._whole(part) for part in cfg["datasets"]]}
        kept = {key: value for key, value in cfg.items() if key != "max_frames"}
        return {**kept, "pipeline": self.pipeline, "repeat": 1, "test_mode": True}
