"""Pairs of clips of one activity and of two, filmed in the ways that people film."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mmalign.experiments.speed_cases import SPEEDS, estimated, film
from mmalign.functional.pose import mirror
from mmalign.poses.pose_file import PoseSequence
from mmalign.skeletons import get_skeleton

SAME = (
    "plain", "slowed", "ramped", "idling", "partial", "repeated", "mirrored", "gap", "cameras",
)  # fmt: skip
"""Kinds of pairs that show one activity."""
DIFFERENT = ("other", "reversed", "idle")
"""Kinds of pairs that do not: another activity, the same one backwards, and a person who waits."""
TWO_WAY = frozenset(
    ("jumping_jacks", "jump_rope", "pushups", "pullups", "situp", "squats", "bench_press",
     "strum_guitar", "deep_squat")
)  # fmt: skip
"""Actions that look alike backwards: in no reversed pair."""

_SHARE = 0.4, 0.8
_IDLE = 1.0, 3.0
_REPETITIONS = 3


@dataclass(frozen=True)
class ActivityPair:
    """Two sequences.

    Attributes:
        kind: Of `SAME` or `DIFFERENT`.
        action: What the reference shows.
        reference: The one, with an estimator's mistakes.
        other: The other, likewise.
    """

    kind: str
    action: str
    reference: PoseSequence
    other: PoseSequence

    @property
    def is_same(self) -> bool:
        """Whether both show one activity."""
        return self.kind in SAME


def activity_pairs(
    clips: Mapping[str, Sequence[PoseSequence]],
    views: Sequence[Sequence[PoseSequence]],
    count: int,
    seed: int = 0,
) -> list[ActivityPair]:
    """Pairs of every kind.

    Args:
        clips: Clips of at least 20 frames by action.
        views: Executions of one activity, each seen by several cameras; none leaves ``cameras``
            out.
        count: Pairs of each kind in `SAME`. Three times as many are made of each in `DIFFERENT`.
        seed: Of their choice and of the mistakes.
    """
    rng = np.random.default_rng(seed)
    pairs = []
    for kind in SAME + DIFFERENT:
        for number in range(count * (1 if kind in SAME else 3)):
            if kind == "cameras":
                if len(views) > 1:
                    one, two = (views[i] for i in rng.choice(len(views), 2, replace=False))
                    a, b = rng.choice(min(len(one), len(two)), 2, replace=False)
                    pairs.append(_estimated(kind, "cameras", one[a], two[b], rng))
                continue
            named = [x for x in clips if kind != "reversed" or x not in TWO_WAY]
            action = named[number % len(named)]
            first, second = (clips[action][i] for i in rng.choice(len(clips[action]), 2, False))
            if kind == "other":
                rest = [x for x in clips if x != action]
                chosen = clips[rest[rng.integers(len(rest))]]
                second = chosen[rng.integers(len(chosen))]
            pairs.append(_estimated(kind, action, first, _made(kind, first, second, rng), rng))
    return pairs


def _estimated(
    kind: str, action: str, one: PoseSequence, two: PoseSequence, rng: np.random.Generator
) -> ActivityPair:
    first, second = estimated(one, rng), estimated(two, rng)
    if rng.random() < 0.5:
        first, second = second, first
    return ActivityPair(kind, action, first, second)


def _made(
    kind: str, first: PoseSequence, second: PoseSequence, rng: np.random.Generator
) -> PoseSequence:
    """The second sequence of a pair of a kind."""
    fps, count = second.fps, second.num_frames
    if kind in ("slowed", "other"):
        slow = [way for way in SPEEDS if way.startswith("slow")]
        way = slow[rng.integers(len(slow))] if kind == "slowed" or rng.random() < 0.3 else "real"
        return film(second, way, rng).sequence
    if kind == "ramped":
        return film(second, ("ramp4", "ramp8")[rng.integers(2)], rng).sequence
    if kind == "idling":
        before, after = (rng.uniform(*_IDLE, 2) * fps).astype(int)
        return _frames(second, np.pad(np.arange(count), (before, after), mode="edge"))
    if kind == "partial":
        length = max(8, int(rng.uniform(*_SHARE) * count))
        start = int(rng.integers(0, max(1, count - length + 1)))
        return _frames(second, np.arange(start, min(count, start + length)))
    if kind == "repeated":
        return _frames(second, np.tile(np.arange(count), _REPETITIONS))
    if kind == "mirrored":
        flip_index = get_skeleton(second.skeleton).flip_index
        keypoints, scores = mirror(
            second.keypoints, second.scores, second.frame_size[1], flip_index
        )
        return replace(second, keypoints=keypoints, scores=scores, keypoints3d=None)
    if kind == "gap":
        scores = first.scores.copy()
        start = int(rng.uniform(0.2, 0.6) * len(scores))
        scores[start : start + max(2, len(scores) // 5)] = 0
        keypoints = np.where(scores[..., None] > 0, first.keypoints, 0).astype(np.float32)
        return replace(first, keypoints=keypoints, scores=scores, keypoints3d=None)
    if kind == "reversed":
        return _frames(second, np.arange(count)[::-1])
    if kind == "idle":
        return _frames(second, np.full(int(rng.uniform(2, 6) * fps), rng.integers(count)))
    return second


def _frames(clip: PoseSequence, frames: np.ndarray) -> PoseSequence:
    labels = None if clip.labels is None else clip.labels[frames]
    return replace(
        clip,
        keypoints=clip.keypoints[frames],
        scores=clip.scores[frames],
        labels=labels,
        keypoints3d=None,
    )
