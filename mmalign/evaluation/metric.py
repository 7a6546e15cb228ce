"""The evaluation protocol as an MMEngine metric."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from mmengine.evaluator import BaseMetric

from mmalign.evaluation.clip import EvaluationClips, require_labels
from mmalign.evaluation.options import ProtocolOptions
from mmalign.evaluation.scoring import evaluate
from mmalign.registry import METRICS


@METRICS.register_module()
class AlignmentMetric(BaseMetric):
    """Published and trimmed protocol over frozen embeddings.

    Expects the whole training clips, the whole validation clips and one window of each
    validation clip, each exactly once, with ``embedding`` set by the model. Figures are named
    ``published/acc@1.0``, ``trimmed/event_error`` and so on. Without windows only the published
    protocol is scored.

    What a fused network gives besides (``parts``: each modality's own embeddings, and the fused
    ones without each) is scored in the same way, as ``rgb/published/acc@1.0``,
    ``without_rgb/published/acc@1.0`` and so on.

    Args:
        tau_stride: See ``ProtocolOptions``, as all that follow.
        classifier: ``'svc'`` or ``'logreg'``.
        fit_on: ``'train'`` or ``'val'``.
        background: Label of frames that belong to no phase.
        ordered: Whether the phases follow each other once.
        aligner: ``'nearest'`` or ``'dtw'``.
        collect_device: Where results of several processes meet, ``'cpu'`` or ``'gpu'``.
    """

    def __init__(
        self,
        tau_stride: int = 1,
        classifier: str = "svc",
        fit_on: str = "train",
        background: int | None = None,
        ordered: bool = True,
        aligner: str = "nearest",
        collect_device: str = "cpu",
    ) -> None:
        # Named protocols stand where the prefix would; a missing prefix is warned about.
        super().__init__(collect_device=collect_device, prefix="published")
        self.prefix = None
        self.options = ProtocolOptions(tau_stride, classifier, fit_on, background, ordered, aligner)
        self.clips = EvaluationClips()
        self.with_parts = True
        """Whether parts are scored: most of the time of scoring a fused network."""

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Keep what is scored of each video of a batch.

        Args:
            data_batch: Not used.
            data_samples: Per video the fields of an ``AlignmentDataSample`` with ``embedding``.

        Raises:
            InputError: If a video has no labels.
        """
        for sample in data_samples:
            require_labels(sample)
            self.results.append(
                {
                    "sample_id": str(sample["sample_id"]),
                    "action": sample.get("action"),
                    "split": sample["split"],
                    "protocol": sample["protocol"],
                    "num_frames": int(sample["num_frames"]),
                    "embedding": _array(sample["embedding"]).astype(np.float32, copy=False),
                    "labels": _array(sample["labels"]).astype(np.int64, copy=False),
                    "parts": {
                        name: _array(part).astype(np.float32, copy=False)
                        for name, part in sample.get("parts", {}).items()
                        if self.with_parts
                    },
                }
            )

    def compute_metrics(self, results: list[dict[str, Any]]) -> dict[str, float]:
        """Score all videos; the clips stay on ``self.clips`` until the next evaluation.

        Args:
            results: What ``process`` kept, of all processes, in the data set's order.

        Returns:
            ``{'published/...': ..., 'trimmed/...': ...}``, and the same of every part.
        """
        self.clips = EvaluationClips.from_results(results)
        figures = self._scored("", self.clips)
        for name in results[0]["parts"]:
            clips = [{**result, "embedding": result["parts"][name]} for result in results]
            figures |= self._scored(f"{name}/", EvaluationClips.from_results(clips))
        return figures

    def _scored(self, prefix: str, clips: EvaluationClips) -> dict[str, float]:
        figures = evaluate(clips.train, clips.val, clips.windows, self.options)
        return {
            f"{prefix}{protocol}/{name}": value
            for protocol, values in figures.items()
            for name, value in values.items()
        }


def _array(value: Any) -> np.ndarray:
    return value.detach().cpu().numpy() if hasattr(value, "detach") else np.asarray(value)
