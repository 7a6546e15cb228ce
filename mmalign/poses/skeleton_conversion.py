"""Poses of one skeleton as poses of another."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mmalign.errors import InputError
from mmalign.poses.pose_file import PoseSequence
from mmalign.skeletons import get_skeleton

# Joints that lie, roughly, midway between two others.
_MIDPOINTS = {
    "head": ("left_ear", "right_ear"),
    "neck": ("left_shoulder", "right_shoulder"),
    "mid_hip": ("left_hip", "right_hip"),
    "pelvis": ("left_hip", "right_hip"),
}


def missing_joints(source: str, target: str) -> tuple[list[str], list[str]]:
    """Which joints of one skeleton another one lacks.

    Args:
        source: Name of the skeleton that there is.
        target: Name of the skeleton that is wanted.

    Returns:
        Names of the target's joints that can only be put midway between two joints of the source,
        and of those that cannot be had at all.
    """
    have = set(get_skeleton(source).joints)
    lacking = [joint for joint in get_skeleton(target).joints if joint not in have]
    midway = [joint for joint in lacking if have.issuperset(_MIDPOINTS.get(joint, (None,)))]
    return midway, [joint for joint in lacking if joint not in midway]


def convert_skeleton(sequence: PoseSequence, target: str, source: str) -> PoseSequence:
    """Select the joints of another skeleton by their names.

    A head, neck or pelvis that is not there is put midway between ears, shoulders or hips, with the
    lower of their scores. 3D keypoints go the same way.

    Args:
        sequence: A valid sequence.
        target: Name of the skeleton that is wanted.
        source: What an error names.

    Raises:
        InputError: If joints are missing that cannot be had.
    """
    _, lost = missing_joints(sequence.skeleton, target)
    if lost:
        raise InputError(
            f"{source}: skeleton {sequence.skeleton!r} has no {', '.join(lost)}, which"
            f" {target!r} has; use poses or a checkpoint of the other one's skeleton"
        )
    index = {name: k for k, name in enumerate(get_skeleton(sequence.skeleton).joints)}
    pairs = np.array(
        [
            [index[name] for name in ((joint, joint) if joint in index else _MIDPOINTS[joint])]
            for joint in get_skeleton(target).joints
        ]
    )
    points = sequence.keypoints3d
    return replace(
        sequence,
        keypoints=sequence.keypoints[:, pairs].mean(axis=2),
        scores=sequence.scores[:, pairs].min(axis=2),
        skeleton=target,
        keypoints3d=None if points is None else points[:, pairs].mean(axis=2),
    ).validate(source)
