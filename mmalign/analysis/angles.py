"""Joint angles of poses, and how they differ at matched frames."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mmalign.errors import InputError
from mmalign.functional.pose import resample_pose
from mmalign.poses.pose_file import PoseSequence
from mmalign.skeletons import Skeleton, get_skeleton
from mmalign.structures.alignment import AlignedPair

# A limb that points at the camera has no direction in the picture.
_FORESHORTENED = 0.25


def angle_joints(skeleton: Skeleton) -> list[tuple[int, int, int]]:
    """Between which limbs the angle at each joint is measured.

    Joints of a limb group (an arm, a leg, a finger) that carry another one of it have an angle: of
    the limb to that joint, against the trunk where it hangs from the joint (hip, shoulder, elbow),
    else against the limb from the parent (hip, knee, ankle).

    Returns:
        ``(from, at, to)`` joint indices, in the joints' order.
    """
    group = {joint: name for name, joints in skeleton.limb_groups.items() for joint in joints}
    found = []
    for joint, parent in enumerate(skeleton.parents):
        children = [child for child, of in enumerate(skeleton.parents) if of == joint]
        own = [child for child in children if joint in group and group.get(child) == group[joint]]
        trunk = [child for child in children if child not in own] + [parent]
        if own and trunk[0] >= 0:
            found.append((trunk[0], joint, own[0]))
    return found


def joint_angles(
    points: NDArray[np.floating], scores: NDArray[np.floating], skeleton: Skeleton
) -> NDArray[np.float64]:
    """Inner angles at the joints of :func:`angle_joints`.

    Args:
        points: ``(T, K, 2)`` or ``(T, K, 3)``.
        scores: ``(T, K)``; 0 for an absent joint.
        skeleton: Of K joints.

    Returns:
        ``(T, A)`` degrees in [0, 180], 180 for a straight limb; NaN where one of the three joints
        is absent or a limb is shorter than a quarter of its usual (median) length.
    """
    triples = np.array(angle_joints(skeleton), dtype=np.intp).reshape(-1, 3)
    seen = (scores[:, triples] > 0).all(axis=2)
    corners = np.where(seen[..., None, None], points[:, triples].astype(np.float64), np.nan)
    first = corners[:, :, 0] - corners[:, :, 1]
    second = corners[:, :, 2] - corners[:, :, 1]
    lengths = np.stack([np.linalg.norm(first, axis=-1), np.linalg.norm(second, axis=-1)])
    usual = np.zeros(lengths.shape[::2])
    known = seen.any(axis=0)
    usual[:, known] = np.nanmedian(lengths[:, :, known], axis=1)
    usable = (lengths > _FORESHORTENED * usual[:, None]).all(axis=0)
    cosine = np.full(seen.shape, np.nan)
    np.divide((first * second).sum(axis=-1), lengths.prod(axis=0), out=cosine, where=usable)
    return np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0)))


def angle_names(skeleton: Skeleton) -> list[str]:
    """Names of the joints whose angles :func:`joint_angles` gives, in words."""
    return [skeleton.joints[at].replace("_", " ") for _, at, _ in angle_joints(skeleton)]


def angle_differences(
    pair: AlignedPair, reference: PoseSequence, other: PoseSequence
) -> NDArray[np.float64]:
    """How the joint angles of the other differ from those of the reference that they match.

    Angles are those in the picture, or in space where both have 3D poses. Those in the picture
    depend on the camera: from another side the same pose has other angles.

    Args:
        pair: Their alignment.
        reference: Poses of the reference.
        other: Poses of the other; where the pair is mirrored, its left is compared with the
            reference's right.

    Returns:
        ``(M, A)`` degrees in [-180, 180], other minus reference: positive where the other is
        straighter. NaN where a frame has no counterpart or an angle is not known in both.

    Raises:
        InputError: If the poses do not fit the pair or each other.
    """
    check_poses(pair, reference, other)
    skeleton = get_skeleton(reference.skeleton)
    order = skeleton.flip_index if pair.mirrored else np.arange(skeleton.num_joints)
    solid = reference.keypoints3d is not None and other.keypoints3d is not None
    points = [_points(sequence, solid) for sequence in (reference, other)]
    matched = pair.matched
    differences = np.full((pair.other_frames, len(angle_joints(skeleton))), np.nan)
    if matched.any():
        at_reference = resample_pose(points[0], reference.scores, pair.positions[matched])
        expected = joint_angles(*at_reference, skeleton)
        found = joint_angles(points[1][:, order], other.scores[:, order], skeleton)
        differences[matched] = found[matched] - expected
    return differences


def _points(sequence: PoseSequence, solid: bool) -> NDArray[np.floating]:
    if solid and sequence.keypoints3d is not None:
        return sequence.keypoints3d
    return sequence.keypoints


def check_poses(pair: AlignedPair, reference: PoseSequence, other: PoseSequence) -> None:
    """Check that two sequences are those of a pair and of one skeleton.

    Raises:
        InputError: If they are not.
    """
    sides = (
        (pair.reference, reference.num_frames, pair.reference_frames),
        (pair.other, other.num_frames, pair.other_frames),
    )
    for name, found, expected in sides:
        if found != expected:
            raise InputError(
                f"{name}: its poses have {found} frames, its alignment {expected}; give the poses"
                " that were aligned"
            )
    if reference.skeleton != other.skeleton:
        raise InputError(
            f"{pair.other}: its skeleton is {other.skeleton!r}, the reference's"
            f" {reference.skeleton!r}; compare poses of one skeleton"
        )
