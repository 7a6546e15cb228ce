"""What makes a sequence of poses a doubtful input: nobody is there, nothing moves, heads are down.

Each is a plain fact of one sequence, told beside an alignment and no reason to refuse it: a gymnast
may well stand on the hands.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from mmalign.poses.pose_file import PoseSequence
from mmalign.skeletons import get_skeleton

LEAST_PRESENT = 0.5
"""Share of the frames in which somebody should be found."""
STILL, FURTHEST = 0.015, 0.1
"""Ways in diagonals of the body: three quarters of the joints of a still picture stay within the
first, and all within the second, as compression and an estimator let them wander."""
MOST_HEAD_DOWN = 0.8
"""Share of the frames in which a torso may point down before it is told."""


def doubts(poses: PoseSequence) -> list[str]:
    """Say what is doubtful about a sequence.

    Args:
        poses: T frames.

    Returns:
        A line each, without the sequence's name; none of a good one.
    """
    return list(_doubts(poses))


def _doubts(poses: PoseSequence) -> Iterator[str]:
    there = (poses.scores > 0).any(axis=1)
    if there.mean() < LEAST_PRESENT:
        yield (
            f"somebody is found in {there.sum()} of its {len(there)} frames; what is aligned rests"
            " on these"
        )
    if _is_still(poses):
        yield "nothing in it moves: no frame can be told from another"
        return
    down, known = _head_down(poses)
    if known and down >= MOST_HEAD_DOWN * known:
        yield (
            f"the head is below the hips in {down} of {known} frames; turn the video if it is"
            " upside down"
        )


def _is_still(poses: PoseSequence) -> bool:
    """Whether nothing moves; the outermost twentieths of a joint's places are slips, not seen."""
    points = np.where(poses.scores[..., None] > 0, poses.keypoints, np.nan)
    points = points[:, (poses.scores > 0).mean(axis=0) >= LEAST_PRESENT / 2].astype(np.float64)
    points = points[~np.isnan(points).all(axis=(1, 2))]
    if not points.size:
        return False
    low, high = np.nanpercentile(points, [5, 95], axis=0)
    body = np.nanmedian(np.linalg.norm(np.ptp(_filled(points), axis=1), axis=-1))
    ways = np.linalg.norm(high - low, axis=-1) / max(body, 1e-9)
    return bool(np.percentile(ways, 75) < STILL and ways.max() < FURTHEST)


def _filled(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """``(T, K, 2)`` with the frame's middle for joints that are absent."""
    return np.where(np.isnan(points), np.nanmean(points, axis=1, keepdims=True), points)


def _head_down(poses: PoseSequence) -> tuple[int, int]:
    """In how many frames the torso points down, within 60 degrees, and how many show it."""
    joints = get_skeleton(poses.skeleton).joints
    ends = [[f"{side}_{part}" for side in ("left", "right")] for part in ("shoulder", "hip")]
    if not all(name in joints for names in ends for name in names):
        return 0, 0
    columns = [[joints.index(name) for name in names] for names in ends]
    known = (poses.scores[:, sum(columns, [])] > 0).all(axis=1)
    shoulders, hips = (poses.keypoints[known][:, column].mean(axis=1) for column in columns)
    torso = shoulders - hips
    length = np.linalg.norm(torso, axis=-1)
    return int((torso[:, 1] > 0.5 * np.maximum(length, 1e-9)).sum()), int(known.sum())
