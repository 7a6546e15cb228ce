"""What is scored: embeddings and phases of sequences."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

import numpy as np

from mmalign.errors import InputError
from mmalign.evaluation.options import ProtocolOptions

_T = TypeVar("_T")
_PARTS = {("train", "whole"): "train", ("val", "whole"): "val", ("val", "trimmed"): "windows"}


@dataclass(frozen=True)
class Clip:
    """A whole sequence or a window of one.

    Attributes:
        sample_id: Name of the sequence.
        embedding: Features ``(T, D)``, one row per frame.
        labels: Phases ``(T,)``, non-negative integers.
        num_frames: Length of the whole sequence; ``T`` unless this is a window of it.
    """

    sample_id: str
    embedding: np.ndarray
    labels: np.ndarray
    num_frames: int

    def __post_init__(self) -> None:
        """Check the fields against each other.

        Raises:
            InputError: If shapes disagree, the embedding is not finite or a label is negative.
        """
        name = f"clip {self.sample_id!r}"
        if self.embedding.ndim != 2 or 0 in self.embedding.shape:
            raise InputError(
                f"{name}: found an embedding of shape {self.embedding.shape}, expected (T, D)"
            )
        if self.labels.shape != self.embedding.shape[:1]:
            raise InputError(
                f"{name}: found labels of shape {self.labels.shape} for {len(self.embedding)} "
                "frames, expected one phase per frame; only labelled sequences can be scored"
            )
        if not np.issubdtype(self.labels.dtype, np.integer) or self.labels.min() < 0:
            raise InputError(f"{name}: found labels that are not phases, expected integers >= 0")
        if not np.isfinite(self.embedding).all():
            raise InputError(
                f"{name}: found NaN or infinite values in the embedding; the model diverged: "
                "train with a lower learning rate or load another checkpoint"
            )
        if self.num_frames < len(self.embedding):
            raise InputError(
                f"{name}: found num_frames {self.num_frames}, expected at least the "
                f"{len(self.embedding)} frames embedded"
            )


@dataclass(frozen=True, eq=False)
class ClipSet:
    """Clips that are scored, or that classifiers and regressions are fitted on.

    Attributes:
        clips: The clips, in annotation order.
        options: The protocol's variant.
        with_tau: Whether Kendall's tau is among the figures.
    """

    clips: Sequence[Clip]
    options: ProtocolOptions
    with_tau: bool = False
    _kept: dict[Any, Any] = field(default_factory=dict, init=False, repr=False)

    @cached_property
    def embeddings(self) -> list[np.ndarray]:
        """Embeddings of the clips, ``(T_i, D)`` each."""
        return [clip.embedding for clip in self.clips]

    @cached_property
    def labels(self) -> list[np.ndarray]:
        """Phases of the clips, ``(T_i,)`` each."""
        return [clip.labels for clip in self.clips]

    def once(self, function: Callable[..., _T], *arguments: Any) -> _T:
        """What a function gives of these clips, computed once: several figures may share it."""
        key = (function, arguments)
        if key not in self._kept:
            self._kept[key] = function(self, *arguments)
        return self._kept[key]


def require_labels(sample: Mapping[str, Any]) -> None:
    """Check that a video can be scored.

    Raises:
        InputError: If it has no labels.
    """
    if sample.get("labels") is None:
        raise InputError(
            f"clip {sample['sample_id']!r}: found no phase labels, expected one per frame; set "
            "labelled_only=True in the evaluation's data sets"
        )


@dataclass
class EvaluationClips:
    """What both protocols are computed from, each in annotation order.

    Attributes:
        train: Whole training clips.
        val: Whole validation clips.
        windows: One window of every validation clip.
    """

    train: list[Clip] = field(default_factory=list)
    val: list[Clip] = field(default_factory=list)
    windows: list[Clip] = field(default_factory=list)

    @classmethod
    def from_results(cls, results: Sequence[dict[str, Any]]) -> EvaluationClips:
        """Sort results of all videos into the three parts.

        Args:
            results: Per video ``sample_id``, ``split``, ``protocol``, ``num_frames``,
                ``embedding`` ``(T, D)`` and ``labels`` ``(T,)``; optionally ``action``.

        Returns:
            The clips, in the order of the results.

        Raises:
            InputError: If a clip is bad, unknown to the protocol or there twice, or the clips
                show several actions.
        """
        clips = cls()
        seen = set()
        for result in results:
            key = (result["split"], result["protocol"])
            name = f"clip {result['sample_id']!r} ({key[0]}, {key[1]})"
            if key not in _PARTS:
                raise InputError(
                    f"{name}: expected one of {sorted(_PARTS)}; check split and window of the "
                    "evaluation's data sets"
                )
            if (*key, result["sample_id"]) in seen:
                raise InputError(
                    f"{name}: found twice, expected once; the evaluation's data sets need "
                    "repeat=1 and must not overlap"
                )
            require_labels(result)
            seen.add((*key, result["sample_id"]))
            getattr(clips, _PARTS[key]).append(
                Clip(
                    result["sample_id"],
                    result["embedding"],
                    result["labels"],
                    int(result["num_frames"]),
                )
            )
        actions = sorted({str(result.get("action")) for result in results})
        if len(actions) > 1:
            raise InputError(
                f"found clips of the actions {', '.join(actions)}, expected one: their phases "
                "mean different things; set the action of the evaluation's data sets"
            )
        return clips
