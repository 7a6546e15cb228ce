"""The floors of the evaluation protocol: the same figures for what needs no learning."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from mmalign.evaluation.clip import EvaluationClips
from mmalign.evaluation.options import ProtocolOptions
from mmalign.evaluation.protocol import ACCURACIES
from mmalign.evaluation.scoring import evaluate
from mmalign.functional import floors

Figures = dict[str, dict[str, float]]

# Each sees only the frames it is handed: of a window neither its place nor the clip's length.
FEATURES: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "clock": lambda keypoints, scores: floors.clock(len(keypoints)),
    "frame_number": lambda keypoints, scores: floors.frame_number(len(keypoints)),
    "raw_pose": floors.raw_pose,
}


def floor_clips(samples: Iterable[dict[str, Any]], name: str) -> EvaluationClips:
    """Embed samples by one of the floors' features.

    Args:
        samples: What the evaluation's data sets give before any transform: ``keypoint``
            ``(M, T, K, 2)`` and ``keypoint_score`` ``(M, T, K)``, of which the first of the M
            persons counts, ``labels`` ``(T,)``, ``sample_id``, ``split``, ``protocol``,
            ``num_frames``.
        name: A key of ``FEATURES``.

    Returns:
        The clips of both protocols.
    """
    feature = FEATURES[name]
    return EvaluationClips.from_results(
        [
            {**sample, "embedding": feature(sample["keypoint"][0], sample["keypoint_score"][0])}
            for sample in samples
        ]
    )


def majority_accuracy(clips: EvaluationClips, background: int | None = None) -> Figures:
    """Accuracy of always answering the most frequent phase of the training frames.

    Args:
        clips: Clips of both protocols; only labels are looked at.
        background: Label whose frames are left out.

    Returns:
        The figures of ``ACCURACIES`` per protocol.
    """

    def phases(part: list) -> np.ndarray:
        joined = np.concatenate([clip.labels for clip in part])
        return joined if background is None else joined[joined != background]

    figures: Figures = {}
    for protocol, part in (("published", clips.val), ("trimmed", clips.windows)):
        if not part:
            continue
        figures[protocol] = {}
        for name, share in ACCURACIES.items():
            first = clips.train[: max(1, int(share * len(clips.train)))]
            answer = floors.majority_class(phases(first))
            figures[protocol][name] = float((phases(part) == answer).mean())
    return figures


def floors_of_clips(
    clips: EvaluationClips, options: ProtocolOptions | None = None
) -> dict[str, Figures]:
    """Score every floor that needs neither a network nor poses.

    Args:
        clips: Clips of both protocols; only labels are looked at.
        options: The protocol's variant, as for the model.

    Returns:
        Per floor (``clock``, ``frame_number``, ``majority``) the figures per protocol.
    """
    options = options or ProtocolOptions()
    figures = {}
    for name, feature in (("clock", floors.clock), ("frame_number", floors.frame_number)):
        train, val, windows = (
            [replace(clip, embedding=feature(len(clip.labels))) for clip in part]
            for part in (clips.train, clips.val, clips.windows)
        )
        figures[name] = evaluate(train, val, windows, options)
    return {**figures, "majority": majority_accuracy(clips, options.background)}


def evaluate_floors(
    samples: Iterable[dict[str, Any]], options: ProtocolOptions | None = None
) -> dict[str, Figures]:
    """Score every floor that needs no network.

    Args:
        samples: See ``floor_clips``; all parts of both protocols.
        options: The protocol's variant, as for the model.

    Returns:
        Per floor (``clock``, ``frame_number``, ``raw_pose``, ``majority``) the figures per
        protocol.
    """
    samples = list(samples)
    options = options or ProtocolOptions()
    figures = {}
    for name in FEATURES:
        clips = floor_clips(samples, name)
        figures[name] = evaluate(clips.train, clips.val, clips.windows, options)
    figures["majority"] = majority_accuracy(floor_clips(samples, "clock"), options.background)
    return figures
