"""How good the poses of one video are, in a few numbers."""

from __future__ import annotations

from typing import Any

from mmalign.functional.plausibility import body_jumps, exchanged_sides
from mmalign.poses.pose_file import PoseSequence
from mmalign.skeletons import get_skeleton

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
    jumps = body_jumps(sequence.keypoints, sequence.scores, sequence.fps)
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
