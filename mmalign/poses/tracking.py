"""Who is who from frame to frame: detected poses are matched by their distance."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment

MAX_DISTANCE = 0.5
"""Farthest that a pose may move between two sightings, as a share of its box's diagonal."""
PREFERENCE = 0.1
"""What a person who has none of a detection's joints is put back by, in the same unit."""
FADING = 0.9
"""What is left of a remembered joint's score after a frame without it."""
_APART = 1e3


def follow(
    poses: np.ndarray, frames: np.ndarray, max_gap: int, max_distance: float = MAX_DISTANCE
) -> np.ndarray:
    """Number the people of a video (Hungarian matching on pose distance).

    In each frame the detections are matched with the people seen before, so that the sum of the
    distances is smallest. The distance of two poses is the mean over the joints both have of
    how far they lie apart (of the middles of their boxes where they share none), weighted by the
    lower score, as a share of the diagonal of the larger pose's box. Of two people equally near,
    the one who has more of the detection's joints is preferred: where a detector breaks a body in
    two for a frame, the piece does not take the person over.

    Args:
        poses: ``(D, K, 3)``: x and y in pixels and the score, 0 where a joint is absent.
        frames: ``(D,)`` int, ascending.
        max_gap: Frames for which a person who is not seen is remembered.
        max_distance: Poses further apart are two people's.

    Returns:
        ``(D,)`` int64, numbered from 0 in order of appearance.
    """
    tracks = np.empty(len(poses), dtype=np.int64)
    # The living: their numbers, each joint as last seen, the frame in which they were seen last.
    names = seen = np.empty(0, dtype=np.int64)
    known = np.empty((0, *poses.shape[1:]))
    count, before = 0, 0
    times, starts = np.unique(frames, return_index=True)
    for frame, rows in zip(times, np.split(np.arange(len(poses)), starts[1:]), strict=False):
        alive = frame - seen <= max_gap + 1
        names, known, seen = names[alive], known[alive], seen[alive]
        known[..., 2] *= FADING ** (frame - before)
        found = _match(known, poses[rows], max_distance)
        strangers = int((found < 0).sum())
        found[found < 0] = len(names) + np.arange(strangers)
        names = np.concatenate([names, count + np.arange(strangers)])
        known = np.concatenate([known, np.zeros((strangers, *known.shape[1:]))])
        seen = np.concatenate([seen, np.full(strangers, frame)])
        known[found] = np.where(poses[rows, :, 2:] > 0, poses[rows], known[found])
        seen[found], tracks[rows] = frame, names[found]
        count, before = count + strangers, frame
    return tracks


def pose_boxes(poses: np.ndarray) -> np.ndarray:
    """Boxes ``(D, 4)``: x0, y0, x1, y1 of the joints that are there; zeros where there is none."""
    there = poses[..., 2:] > 0
    low = np.where(there, poses[..., :2], np.inf).min(axis=1, initial=np.inf)
    high = np.where(there, poses[..., :2], -np.inf).max(axis=1, initial=-np.inf)
    return np.where(there.any(axis=1), np.concatenate([low, high], axis=1), 0.0)


def _match(known: np.ndarray, poses: np.ndarray, max_distance: float) -> np.ndarray:
    """For each of the ``(N, K, 3)`` poses which of the ``(M, K, 3)`` known people it is, or -1."""
    distance, shared = _compare(known, poses)
    # What lies too far apart costs the same however far: it never pulls a near pair apart.
    cost = np.where(distance < max_distance, distance + PREFERENCE * (1 - shared), _APART)
    person, pose = linear_sum_assignment(cost)
    near = cost[person, pose] < _APART
    found = np.full(len(poses), -1, dtype=np.int64)
    found[pose[near]] = person[near]
    return found


def _compare(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How far poses ``(M, K, 3)`` and ``(N, K, 3)`` lie apart, and what share of joints both have.

    Returns:
        Distances ``(M, N)`` in diagonals of the larger box, and shares ``(M, N)`` in [0, 1].
    """
    a, b = first[:, None], second[None]
    weight = np.minimum(a[..., 2], b[..., 2])
    common = weight.sum(axis=-1)
    joints = (weight * np.linalg.norm(a[..., :2] - b[..., :2], axis=-1)).sum(axis=-1)
    box, other = pose_boxes(first)[:, None], pose_boxes(second)[None]
    middles = np.linalg.norm(box[..., :2] + box[..., 2:] - other[..., :2] - other[..., 2:], axis=-1)
    size = np.maximum(_diagonal(box), _diagonal(other))
    distance = np.where(common > 0, joints / np.where(common > 0, common, 1), middles / 2)
    total = np.maximum(a[..., 2].sum(axis=-1), b[..., 2].sum(axis=-1))
    return distance / np.maximum(size, 1), common / np.where(total > 0, total, 1)


def _diagonal(boxes: np.ndarray) -> np.ndarray:
    return np.linalg.norm(boxes[..., 2:] - boxes[..., :2], axis=-1)
