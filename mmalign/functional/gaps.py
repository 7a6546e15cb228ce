"""Short gaps in pose tracks: where a detector lost a joint for a few frames."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]


def short_gaps(scores: Array, max_gap: int) -> tuple[NDArray, NDArray, NDArray]:
    """Find the absences that end within a few frames.

    Args:
        scores: ``(T, K)``; 0 = absent.
        max_gap: Longest gap in frames.

    Returns:
        ``(T, K)`` each: whether the joint is absent between two frames that have it and at most
        ``max_gap`` frames in a row; the last frame that had it; the next one that has it. The
        frames are only meaningful where the first is true.
    """
    present = scores > 0
    count = len(scores)
    frame = np.arange(count)[:, None]
    before = np.maximum.accumulate(np.where(present, frame, -1), axis=0)
    after = np.minimum.accumulate(np.where(present, frame, count)[::-1], axis=0)[::-1]
    bounded = (before >= 0) & (after < count)
    return ~present & bounded & (after - before - 1 <= max_gap), before, after


def fill_gaps(points: Array, scores: Array, max_gap: int) -> tuple[Array, Array]:
    """Interpolate the coordinates of joints over short gaps.

    A filled joint has the smaller score of the two frames that it was interpolated between: a
    guess is trusted no more than what it is guessed from. Longer gaps, and those at the start and
    the end of a sequence, keep score 0. Present joints stay as they are.

    Args:
        points: ``(T, K, D)``.
        scores: ``(T, K)``; 0 = absent.
        max_gap: Longest gap in frames that is filled.

    Returns:
        ``(T, K, D)`` and ``(T, K)``; nothing is edited in place.
    """
    fill, before, after = short_gaps(scores, max_gap)
    t, joint = np.nonzero(fill)
    first, last = before[t, joint], after[t, joint]
    weight = ((t - first) / (last - first))[:, None]
    points, scores = points.copy(), scores.copy()
    points[t, joint] = (1 - weight) * points[first, joint] + weight * points[last, joint]
    scores[t, joint] = np.minimum(scores[first, joint], scores[last, joint])
    return points, scores
