"""Which skeleton the joints of a file or of a pose network are, and which of them are wanted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mmalign.errors import InputError
from mmalign.skeletons.catalogue import get_skeleton, list_skeletons

_HAND_JOINTS = {133: range(91, 133), 136: range(94, 136)}
"""Where COCO-WholeBody and Halpe-136 have the left and then the right hand."""

DEFAULT_SKELETONS = {
    13: "penn13", 17: "coco17", 18: "openpose18", 21: "hand21", 25: "body25", 26: "halpe26",
    33: "mediapipe33", 39: "plugin_gait39", 42: "hands42", 133: "coco17", 136: "halpe26",
    308: "coco17",
}  # fmt: skip
"""What so many joints are taken for where nothing says otherwise."""

_GOLIATH_JOINTS = 308
# COCO's joints among those of Goliath (Sapiens), which has the wrists behind the fingers.
_GOLIATH = {
    "coco17": (0, 1, 2, 3, 4, 5, 6, 7, 8, 62, 41, 9, 10, 11, 12, 13, 14),
    "hands42": tuple(
        wrist if joint == 0 else first + 4 * ((joint - 1) // 4) + 3 - (joint - 1) % 4
        for wrist, first in ((62, 42), (41, 21))
        for joint in range(21)
    ),
}

_ALIASES = {"head": "head_top", "hip": "mid_hip"}

# MMPose's names of data sets whose joints are in the order of a skeleton here. (Other data sets of
# hands, InterHand and RHD, number a finger from its tip.)
_DATASETS = {
    "coco17": ("coco", "ochuman", "Human-Art"),
    "halpe26": ("halpe26",),
    "hand21": ("coco_wholebody_hand", "onehand10k", "freihand", "panoptic_hand2d"),
    "wholebody": ("coco_wholebody", "ubody2d"),
}
_OF_COUNT = {17: "coco17", 26: "halpe26", 21: "hand21", 133: "wholebody"}
# Of COCO-WholeBody's 133 joints: 17 body, 6 feet, 68 face, then 21 of each hand.
_PARTS = {"coco17": slice(0, 17), "hands42": slice(91, 133), "wholebody133": slice(0, 133)}


@dataclass(frozen=True)
class JointSet:
    """The joints that are taken of a network's.

    Attributes:
        skeleton: Name of the skeleton they are.
        indices: ``(K,)`` where they are in the network's output.
    """

    skeleton: str
    indices: np.ndarray

    @property
    def num_joints(self) -> int:
        """Number of joints ``K``."""
        return len(self.indices)


def joint_set(dataset: str | None, count: int, wanted: str | None, source: str) -> JointSet:
    """Tell the skeleton of a network by the data set it was trained on.

    Args:
        dataset: MMPose's name of the data set; None where only the count is known (ONNX files),
            which is then taken for that of the usual networks.
        count: Number of the network's joints.
        wanted: Skeleton that is wanted of a network for the whole body: ``coco17`` (the default),
            ``hands42`` or ``wholebody133``.
        source: What an error names.

    Raises:
        InputError: If it is no skeleton that is known.
    """
    if dataset is None:
        name = _OF_COUNT.get(count)
    else:
        name = next((name for name, sets in _DATASETS.items() if dataset in sets), None)
    if name == "wholebody" and count == 133:
        part = wanted or "coco17"
        if part not in _PARTS:
            raise InputError(
                f"{source}: a network for the whole body, which gives {' or '.join(_PARTS)}, not"
                f" {part!r}; correct --skeleton"
            )
        return JointSet(part, np.arange(count)[_PARTS[part]])
    if name is None or get_skeleton(name).num_joints != count:
        raise InputError(
            f"{source}: its {count} joints are those of {dataset or 'an unknown data set'},"
            f" expected those of {', '.join(sum(_DATASETS.values(), ()))}; choose another model"
        )
    return JointSet(name, np.arange(count))


def skeleton_of(num_joints: int, names: Sequence[str] | None, source: str) -> str:
    """The skeleton of a file by the names or, without them, the number of its joints.

    Raises:
        InputError: If there is none; the message says how to name it.
    """
    if names is not None and len(names) != _GOLIATH_JOINTS:
        plain = tuple(re.sub(r"[\s-]+", "_", name.strip().lower()) for name in names)
        for found in (plain, tuple(_ALIASES.get(name, name) for name in plain)):
            for name in list_skeletons():
                joints = get_skeleton(name).joints
                if found == joints or (len(found) in _HAND_JOINTS and found[:17] == joints):
                    return name
    elif num_joints in DEFAULT_SKELETONS:
        return DEFAULT_SKELETONS[num_joints]
    listed = f" ({', '.join(names):.80})" if names else ""
    raise InputError(
        f"{source}: no skeleton with these {num_joints} joints{listed} is known; name one of "
        f"{', '.join(list_skeletons())} with --skeleton if its order is the file's"
    )


def select_joints(poses: np.ndarray, skeleton: str, source: str) -> np.ndarray:
    """The joints of a skeleton out of ``(D, K, 3)`` poses of a body, possibly with face and hands.

    Raises:
        InputError: If the poses do not have them.
    """
    wanted, found = get_skeleton(skeleton), poses.shape[1]
    if found == wanted.num_joints:
        return poses
    if found == _GOLIATH_JOINTS and skeleton in _GOLIATH:
        return poses[:, _GOLIATH[skeleton]]
    if found in _HAND_JOINTS and skeleton == "hands42":
        return poses[:, _HAND_JOINTS[found]]
    if DEFAULT_SKELETONS.get(found) == skeleton:
        return poses[:, : wanted.num_joints]
    raise InputError(
        f"{source}: people have {found} joints, expected the {wanted.num_joints} of skeleton "
        f"{skeleton!r}; name another with --skeleton"
    )
