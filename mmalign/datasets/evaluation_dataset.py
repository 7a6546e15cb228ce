"""What the evaluation embeds: both splits whole, and the validation split trimmed."""

from __future__ import annotations

from typing import Any

from mmengine.dataset import ConcatDataset

from mmalign.registry import DATASETS


@DATASETS.register_module()
class EvaluationDataset(ConcatDataset):
    """The training clips, the validation clips, and a window of each validation clip, once each.

    Args:
        dataset: config of a :class:`~mmalign.datasets.PoseSequenceDataset` or a subclass of it,
            without ``split`` and ``window``.
        lazy_init: as in MMEngine.
    """

    PARTS = (("train", "whole"), ("val", "whole"), ("val", "trimmed"))

    def __init__(self, dataset: dict[str, Any], lazy_init: bool = False) -> None:
        parts = [
            DATASETS.build({"test_mode": True, **dataset, "split": split, "window": window})
            for split, window in self.PARTS
        ]
        super().__init__(parts, lazy_init=lazy_init)
