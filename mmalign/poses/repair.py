"""What a detector does to poses, taken back: left and right exchanged for some frames, and jitter.

For estimated poses only. Annotations and markers are not exchanged by accident, and their noise is
not a detector's.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mmalign.functional.sides import Pairs, find_exchanged
from mmalign.functional.smoothing import calm
from mmalign.poses.pose_file import PoseSequence
from mmalign.skeletons import Skeleton, get_skeleton

CALMED_FROM = 20.0
"""Frames per second from which on jitter is taken out: with fewer, it is less than the motion."""
# The pairs of a body by whose motion sides are told: they are far apart, and in every skeleton.
_TELLING = ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")


def repair_poses(sequence: PoseSequence) -> tuple[PoseSequence, int]:
    """Put sides right (:func:`.find_exchanged`), then take jitter out (:func:`.calm`).

    The legs with the feet, and all other pairs of the skeleton together, are exchanged each for
    itself; a skeleton without legs, such as two hands, as a whole.

    Args:
        sequence: A valid sequence of a detector's poses in 2D.

    Returns:
        The sequence, and in how many of its frames sides were put right.
    """
    keypoints, scores, frames = put_sides_right(sequence)
    if sequence.fps >= CALMED_FROM:
        keypoints = calm(keypoints, scores)
    return replace(sequence, keypoints=keypoints, scores=scores), int(frames.sum())


def put_sides_right(sequence: PoseSequence) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Exchange left and right where the detector has exchanged them.

    Returns:
        ``(T, K, 2)`` keypoints, ``(T, K)`` scores, and ``(T,)`` bool: frames that were changed.
    """
    skeleton = get_skeleton(sequence.skeleton)
    groups = side_groups(skeleton)
    if not groups:
        return sequence.keypoints, sequence.scores, np.zeros(sequence.num_frames, dtype=bool)
    telling = [_telling(pairs, skeleton) for pairs in groups]
    exchanged = find_exchanged(sequence.keypoints, sequence.scores, telling, sequence.fps)
    swap = np.zeros(sequence.scores.shape, dtype=bool)
    for number, pairs in enumerate(groups):
        swap[:, np.ravel(pairs)] = exchanged[:, [number]]
    # Where none of the joints is there, there was nothing to put right.
    changed = (swap & (sequence.scores > 0)).any(axis=1)
    other = skeleton.flip_index
    keypoints = np.where(swap[..., None], sequence.keypoints[:, other], sequence.keypoints)
    scores = np.where(swap, sequence.scores[:, other], sequence.scores)
    return keypoints, scores, changed


def side_groups(skeleton: Skeleton) -> list[Pairs]:
    """The pairs that are exchanged together: of the legs, and all others."""
    groups = skeleton.limb_groups
    legs = {*groups.get("left_leg", ()), *groups.get("right_leg", ())}
    lower = [pair for pair in skeleton.flip_pairs if pair[0] in legs]
    upper = [pair for pair in skeleton.flip_pairs if pair[0] not in legs]
    return [pairs for pairs in (upper, lower) if pairs]


def _telling(pairs: Pairs, skeleton: Skeleton) -> Pairs:
    """Those of the pairs by whose motion sides are told; all where none is known."""
    names = (skeleton.joints[left].partition("_")[2] for left, _ in pairs)
    return [pair for pair, name in zip(pairs, names, strict=True) if name in _TELLING] or pairs
