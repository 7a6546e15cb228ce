"""A box that moves with a performer, and a performer kept in one place."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import maximum_filter1d, minimum_filter1d, uniform_filter1d

from mmalign.functional.pose import Array


def moving_box(keypoints: Array, scores: Array, reach: int) -> Array:
    """Per frame a box that holds its joints, and moves and changes its size smoothly.

    It is that of all joints that are present within ``reach`` frames before and after, smoothed
    over as many: movements on the spot that come back within that time do not move it.

    Args:
        keypoints: ``(T, K, D)``; those of absent joints may be anything, NaN included.
        scores: ``(T, K)``; 0 = absent.
        reach: Frames, at least 0.

    Returns:
        ``(T, 2, D)`` float64: the least and the largest of every coordinate.

    Raises:
        ValueError: If no joint is present in any frame.
    """
    there = (scores > 0)[..., None]
    seen = np.flatnonzero(there.any(axis=(1, 2)))
    if not len(seen):
        raise ValueError("no joint is present in any frame of the sequence")
    size, frames = 2 * reach + 1, np.arange(len(keypoints))
    sides = []
    for nowhere, outermost, widest in (
        (np.inf, np.min, minimum_filter1d),
        (-np.inf, np.max, maximum_filter1d),
    ):
        side = outermost(np.where(there, keypoints, nowhere), axis=1).astype(np.float64)
        # Whoever is out of sight is thought on the way to where they are seen next.
        side = np.stack([np.interp(frames, seen, one[seen]) for one in side.T], axis=1)
        wide = widest(side, size, axis=0, mode="nearest")
        sides.append(uniform_filter1d(wide, size, axis=0, mode="nearest"))
    return np.stack(sides, axis=1)


def follow(keypoints: Array, scores: Array, reach: int) -> Array:
    """Take away how the performer's place drifts, as a camera does that follows them.

    The place is the middle of :func:`moving_box`, whose arguments it has.

    Returns:
        ``(T, K, D)``: all joints of a frame shifted alike, to where the performer is on average; as
        they are if no joint is present.
    """
    if not (scores > 0).any():
        return keypoints
    place = moving_box(keypoints, scores, reach).mean(axis=1)
    return (keypoints - (place - place.mean(axis=0))[:, None]).astype(keypoints.dtype)
