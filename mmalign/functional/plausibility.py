"""What the geometry of 2D poses tells about left and right.

A single 2D pose cannot tell a person seen from the front from a mirrored one seen from behind:
nothing here claims to. What can be known is whether the pairs of a skeleton agree with each other,
and whether left and right change places from one frame to the next.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]


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
