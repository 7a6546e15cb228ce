"""Poses of one skeleton as poses of another."""

from __future__ import annotations

from collections.abc import Iterable
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


def midway_note(joints: Iterable[str], name: str) -> str:
    """A line that says which joints were put midway between others.

    Args:
        joints: Their names, as :func:`missing_joints` gives them.
        name: What lacks them.
    """
    found = [f"{joint} (between {' and '.join(_MIDPOINTS[joint])})" for joint in joints]
    return f"{name} has no {', '.join(found)}: put midway"


def require_joints(source: str, target: str, name: str, remedy: str) -> list[str]:
    """Check that poses of one skeleton can be brought into another one.

    Args:
        source: Name of the skeleton that there is.
        target: Name of the skeleton that is wanted.
        name: What the error names: whose skeleton the first one is.
        remedy: What it says to do.

    Returns:
        The joints that are put midway between others.

    Raises:
        InputError: If joints are missing that cannot be had.
    """
    midway, lost = missing_joints(source, target)
    if lost:
        raise InputError(
            f"{name}: its skeleton is {source!r}, which has no {', '.join(lost[:5])}, as"
            f" {target!r} has; {remedy}"
        )
    return midway


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
    remedy = "use poses or a checkpoint of the other one's skeleton"
    require_joints(sequence.skeleton, target, source, remedy)
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
