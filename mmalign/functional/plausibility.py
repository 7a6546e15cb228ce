"""What the geometry of 2D poses tells about left and right.

A single 2D pose cannot tell a person seen from the front from a mirrored one seen from behind:
nothing here claims to. What can be known is whether the pairs of a skeleton agree with each other,
whether left and right change places from one frame to the next, whether a body moves as one can,
and whether frames are in the order in which they were taken.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]

JUMP = 0.25
"""Way of a whole body in a thirtieth of a second, in diagonals of its box, that nobody makes."""
_LONGEST, _SHORTEST = 200, 8
# Shuffled frames: their neighbours in time are as far apart as those two frames apart, and farther
# than other frames of the clip by this; steps below a share of the body are noise.
_AS_FAR, _FARTHER, _NOISE = 0.85, 1.8, 0.03


def _pairs(keypoints: Array, scores: Array, pairs: Sequence[tuple[int, int]]) -> tuple:
    """Left and right ``(T, P, 2)`` of every pair, and ``(T, P)`` whether both are present."""
    left, right = np.array(pairs, dtype=np.intp).reshape(-1, 2).T
    both = (scores[:, left] > 0) & (scores[:, right] > 0)
    return keypoints[:, left].astype(np.float64), keypoints[:, right].astype(np.float64), both


def pair_agreement(
    keypoints: Array, scores: Array, pairs: Sequence[tuple[int, int]]
) -> tuple[NDArray[np.integer], NDArray[np.integer]]:
    """In how many frames a pair of joints points the same way as the other pairs together.

    The direction of a pair is that from its right to its left joint. Over many frames a pair whose
    sides are exchanged in the joint order disagrees with the others most of the time.

    Args:
        keypoints: ``(T, K, 2)``.
        scores: ``(T, K)``; 0 = absent.
        pairs: Left and right joint of each of ``P`` pairs.

    Returns:
        ``(P,)`` each: frames in which the pair agrees, and frames that say anything: both joints
        present, and another pair too.
    """
    left, right, both = _pairs(keypoints, scores, pairs)
    direction = (left - right) * both[..., None]
    others = direction.sum(axis=1, keepdims=True) - direction
    product = (direction * others).sum(axis=-1)
    return (product > 0).sum(axis=0), (product != 0).sum(axis=0)


def exchanged_sides(
    keypoints: Array, scores: Array, pairs: Sequence[tuple[int, int]]
) -> NDArray[np.integer]:
    """Frames at which left and right change places: a detector mixed them up.

    That is where all joints together would have moved less than 0.7 times as far, had the sides
    been exchanged; at least two pairs must be present in both frames.

    Args:
        keypoints: ``(T, K, 2)``.
        scores: ``(T, K)``; 0 = absent.
        pairs: Left and right joint of each pair.

    Returns:
        Indices of the frames, each the first one of a run with other sides.
    """
    left, right, both = _pairs(keypoints, scores, pairs)
    known = both[1:] & both[:-1]

    def way(first: Array, second: Array) -> Array:
        return (np.linalg.norm(second[1:] - first[:-1], axis=-1) * known).sum(axis=1)

    kept = way(left, left) + way(right, right)
    swapped = way(right, left) + way(left, right)
    return np.nonzero((swapped < 0.7 * kept) & (known.sum(axis=1) >= 2))[0] + 1


def body_jumps(keypoints: Array, scores: Array, fps: float) -> NDArray[np.integer]:
    """Frames to which the median joint moved further than :data:`JUMP` allows.

    Args:
        keypoints: ``(T, K, 2)``.
        scores: ``(T, K)``; 0 = absent.
        fps: Frames per second.

    Returns:
        Indices of the frames.
    """
    points = np.where(scores[..., None] > 0, keypoints, np.nan)
    both = ~np.isnan(points[1:, :, 0]) & ~np.isnan(points[:-1, :, 0])
    frames = np.flatnonzero(both.any(axis=1))
    steps = np.linalg.norm(points[frames + 1] - points[frames], axis=-1)
    boxes = np.nanmax(points[frames], axis=1) - np.nanmin(points[frames], axis=1)
    allowed = JUMP * max(1.0, 30 / fps) * np.linalg.norm(boxes, axis=-1)
    return frames[np.nanmedian(steps, axis=1) > np.maximum(allowed, 1.0)] + 1


def seems_shuffled(keypoints: Array, scores: Array) -> bool:
    """Whether frames are not in the order in which they were taken.

    Frames that follow each other are then as far apart as any two, while each has others that are
    much nearer. Of a person who hardly moves, or a clip of few frames, it cannot be told.

    Args:
        keypoints: ``(T, K, 2)``; the first 200 frames are looked at.
        scores: ``(T, K)``; 0 = absent.
    """
    there = (scores > 0).mean(axis=1) >= 0.5
    points, known = keypoints[there][:_LONGEST], (scores[there] > 0)[:_LONGEST]
    count = len(points)
    if count < _SHORTEST:
        return False
    points = points.astype(np.float64)
    total = np.zeros((count, count))
    shared = np.zeros((count, count))
    for joint in range(points.shape[1]):
        both = known[:, None, joint] & known[None, :, joint]
        way = np.linalg.norm(points[:, None, joint] - points[None, :, joint], axis=-1)
        total += way * both
        shared += both
    distance = np.where(shared > 0, total / np.maximum(shared, 1), np.inf)
    step, two = np.median(np.diag(distance, 1)), np.median(np.diag(distance, 2))
    index = np.arange(count)
    apart = np.abs(index[:, None] - index) >= 2
    nearest = np.median(np.where(apart, distance, np.inf).min(axis=1))
    low = np.where(known[..., None], points, np.inf).min(axis=1)
    high = np.where(known[..., None], points, -np.inf).max(axis=1)
    size = float(np.median(np.linalg.norm(high - low, axis=1)))
    moves = step > _NOISE * size
    return bool(moves and step > _AS_FAR * two and step > _FARTHER * nearest)
