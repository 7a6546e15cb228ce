"""How good the poses of one video are, in a few numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from mmalign.functional.plausibility import exchanged_sides
from mmalign.poses.pose_file import PoseSequence
from mmalign.skeletons import get_skeleton

JUMP = 0.25
"""Way of a whole body in a thirtieth of a second, in diagonals of its box, that nobody makes."""
_LISTED = 20


def quality_of(sequence: PoseSequence) -> dict[str, Any]:
    """Judge one sequence.

    Returns:
        ``frames``; ``performer``: share of them in which the person was found; ``confidence``:
        mean score of the joints there; ``jumps``: frames to which the body moved faster than
        people do (at most 20 are listed under ``jump_frames``); ``exchanged_sides``: frames
        at which left and right change places.
    """
    there = (sequence.scores > 0).any(axis=1)
    jumps = _jumps(sequence)
    pairs = get_skeleton(sequence.skeleton).flip_pairs
    swapped = exchanged_sides(sequence.keypoints, sequence.scores, pairs)
    return {
        "frames": sequence.num_frames,
        "performer": round(float(there.mean()), 4),
        "confidence": round(float(sequence.scores[there].mean()), 4),
        "jumps": len(jumps),
        "jump_frames": jumps[:_LISTED].tolist(),
        "exchanged_sides": len(swapped),
    }


def _jumps(sequence: PoseSequence) -> np.ndarray:
    """Frames to which the median joint moved further than :data:`JUMP` allows."""
    points = np.where(sequence.scores[..., None] > 0, sequence.keypoints, np.nan)
    both = ~np.isnan(points[1:, :, 0]) & ~np.isnan(points[:-1, :, 0])
    frames = np.flatnonzero(both.any(axis=1))
    steps = np.linalg.norm(points[frames + 1] - points[frames], axis=-1)
    boxes = np.nanmax(points[frames], axis=1) - np.nanmin(points[frames], axis=1)
    allowed = JUMP * max(1.0, 30 / sequence.fps) * np.linalg.norm(boxes, axis=-1)
    return frames[np.nanmedian(steps, axis=1) > np.maximum(allowed, 1.0)] + 1
