"""Which skeleton a pose network's joints are, and which of them are wanted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mmalign.errors import InputError
from mmalign.skeletons import get_skeleton

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
