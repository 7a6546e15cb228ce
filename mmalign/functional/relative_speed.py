"""How fast two videos of one activity run against each other, from their poses.

Both are walked in equal steps (:mod:`mmalign.functional.pose_walk`), and the walks are aligned:
that knows no time. What the steps last in one and in the other tells the speed, by two measures:
all steps of each together, and step against step along the alignment. People differ in tempo, and
an alignment may be wrong: only if both measures say that one runs much slower is it believed.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import median_filter

from mmalign.functional.clip_offset import clip_offset
from mmalign.functional.match_quality import frame_distances
from mmalign.functional.playback import REAL_TIME, PlaybackSpeed
from mmalign.functional.pose_walk import Array, PoseWalk, poses_at
from mmalign.functional.subsequence import find_occurrences

MOST_STEPS = 1000
"""Longer walks are not compared."""

# Ratios nearer to 1 are people's own tempo.
_LEAST = float(np.log(1.7))
# Fewer steps than this tell nothing.
_FEWEST_STEPS = 5
# Samples per step; allowances of the alignment against those of embeddings; from which factor on a
# mirrored performer fits better.
_SAMPLES, _ALLOWANCES, _MIRROR_MARGIN = 2, 1.5, 1.05
# Cells of the path over which the speed is measured. A step that is longer than so many times the
# median about it (so many samples to either side) is a pause.
_WINDOW, _PAUSE, _AROUND = 16, 2.0, 8
# Levels of the speed, natural logarithms a quarter of an octave apart, and, in octaves times cells,
# what a change of the level must save; a cell never counts more than so many octaves.
_LEVELS = np.log(2) * np.arange(-20, 21) / 4
_CHANGE, _MOST_OFF = 10.0, 1.5
# Seconds: shorter stretches of the path are no measure.
_SHORTEST = 0.02
_TINY = 1e-9


def playback_speeds(
    walks: Sequence[PoseWalk], flip_index: NDArray[np.intp], reference: int = 0
) -> list[PlaybackSpeed]:
    """Tell the speeds of several videos of one activity.

    Every video is compared with the reference. What runs fastest is taken for real time: moment by
    moment in a pair; with more videos, by most of them. Standing still has no speed, and gets one
    that shortens it.

    Args:
        walks: At least two.
        flip_index: ``(K,)``, exchanges left and right joints.
        reference: Number of the reference.

    Returns:
        One speed per video; `REAL_TIME` for all if none runs much slower than another.
    """
    first = walks[reference]
    others = [i for i in range(len(walks)) if i != reference]
    found = {i: relative_speed(first, walks[i], flip_index) for i in others}
    if not any(levels.any() for _, _, levels in found.values()):
        return [REAL_TIME] * len(walks)
    slow = [_pieces(a, np.exp(-np.maximum(levels, 0))) for a, _, levels in found.values()]
    starts = np.unique(np.concatenate([one.starts for one in slow]))
    each = np.sort([one.at(starts) for one in slow], axis=0)
    own = _merged(starts, each[len(slow) // 2])
    speeds = {i: _pieces(b, own.at(a) * np.exp(levels)) for i, (a, b, levels) in found.items()}
    return [own if i == reference else speeds[i] for i in range(len(walks))]


def relative_speed(
    reference: PoseWalk, other: PoseWalk, flip_index: NDArray[np.intp]
) -> tuple[Array, Array, Array]:
    """The speed of one video relative to another, along an alignment of the two.

    Args:
        reference: The one.
        other: The other.
        flip_index: ``(K,)``, exchanges left and right joints.

    Returns:
        ``(P,)`` each: times of the reference and of the other in seconds, which never fall, and
        the natural logarithm of how many times faster the other runs there. All are 0 if nothing
        is found: the two differ by less than 1.7 times, or the measures disagree.
    """
    nothing = np.zeros(1), np.zeros(1), np.zeros(1)
    steps = len(reference.durations), len(other.durations)
    if min(steps) < _FEWEST_STEPS or max(steps) >= MOST_STEPS:
        return nothing
    pace = _pace(reference) - _pace(other)
    if abs(pace) < _LEAST:
        return nothing
    a, b, path = _align(reference, other, flip_index)
    seconds = a[path[:, 0]], b[path[:, 1]]
    along = float(np.median(_slopes(_moving(a)[path[:, 0]], _moving(b)[path[:, 1]])))
    if np.sign(along) != np.sign(pace) or abs(along) < _LEAST:
        return nothing
    levels = _piecewise(_slopes(*seconds))
    return *seconds, np.where(np.abs(levels) < _LEAST, 0.0, levels)


def _pace(walk: PoseWalk) -> float:
    """Logarithm of what a step lasts: the mean of the middle half of the steps."""
    logs = np.sort(np.log(np.maximum(walk.durations, _TINY)))
    quarter = len(logs) // 4
    return float(logs[quarter : len(logs) - quarter].mean())


def _align(
    reference: PoseWalk, other: PoseWalk, flip_index: NDArray[np.intp]
) -> tuple[Array, Array, NDArray[np.int64]]:
    """Seconds of the samples of both walks, and the path ``(P, 2)`` between them."""
    frames = _samples(reference), _samples(other)
    own = poses_at(reference.poses, frames[0])
    flipped = own[:, flip_index] * np.array([-1.0, 1.0])
    theirs = _flat(poses_at(other.poses, frames[1]))
    offsets = [clip_offset(_flat(rows), theirs) for rows in (own, flipped)]
    mirrored = offsets[1].score > _MIRROR_MARGIN * offsets[0].score
    rows, offset = _flat(flipped if mirrored else own), offsets[mirrored]
    distances = frame_distances(rows, theirs + offset.offset)
    _, best = find_occurrences(distances, _ALLOWANCES * offset.allowance)
    return frames[0] / reference.fps, frames[1] / other.fps, best.path


def _samples(walk: PoseWalk) -> Array:
    """Fractional frames, so many to a step, from the first frame to the last."""
    last = len(walk.poses) - 1.0
    times = walk.times if last - walk.times[-1] < 1 else np.append(walk.times, last)
    count = _SAMPLES * (len(times) - 1) + 1
    return np.interp(np.arange(count) / _SAMPLES, np.arange(len(times)), times)


def _flat(poses: Array) -> Array:
    return poses.reshape(len(poses), -1)


def _moving(seconds: Array) -> Array:
    """Times of samples if pauses are cut short."""
    lengths = np.diff(seconds)
    usual = median_filter(lengths, 2 * _AROUND + 1, mode="reflect")
    return np.append(0.0, np.cumsum(np.minimum(lengths, _PAUSE * usual)))


def _slopes(a: Array, b: Array) -> Array:
    """``(P,)`` logarithm of how much faster time passes in a than in b, about cells of a path."""
    span = min(_WINDOW, len(a) - 1)
    passed = [np.log(np.maximum(x[span:] - x[:-span], _SHORTEST)) for x in (a, b)]
    return np.interp(np.arange(len(a)), np.arange(len(a) - span) + span / 2, passed[0] - passed[1])


def _piecewise(slopes: Array) -> Array:
    """The piecewise constant levels ``(P,)`` that fit best, a change at a price (Viterbi)."""
    off = np.abs(slopes[:, None] - _LEVELS) / np.log(2)
    costs = np.minimum(off, _MOST_OFF)
    stay = np.arange(len(_LEVELS))
    total, before = costs[0], np.zeros(costs.shape, dtype=np.intp)
    for k in range(1, len(costs)):
        best = int(total.argmin())
        changed = total[best] + _CHANGE < total
        before[k] = np.where(changed, best, stay)
        total = np.where(changed, total[best] + _CHANGE, total) + costs[k]
    chosen = [int(total.argmin())]
    for k in range(len(costs) - 1, 0, -1):
        chosen.append(int(before[k, chosen[-1]]))
    return _LEVELS[chosen[::-1]]


def _pieces(seconds: Array, speeds: Array) -> PlaybackSpeed:
    """Speeds at times that never fall; a piece begins midway between two of them."""
    change = np.flatnonzero(np.diff(speeds)) + 1
    middle = (seconds[change] + seconds[change - 1]) / 2
    return _merged(np.append(0.0, middle), speeds[np.append(0, change)])


def _merged(starts: Array, speeds: Array) -> PlaybackSpeed:
    """Pieces without those that are empty or go on as the one before."""
    kept = np.append(np.diff(starts) > 0, True)
    starts, speeds = starts[kept], speeds[kept]
    new = np.append(True, np.diff(speeds) != 0)
    starts = np.append(0.0, starts[new][1:])
    return PlaybackSpeed(tuple(starts.tolist()), tuple(speeds[new].tolist()))
