"""Which joints of a network are taken, and as what."""

from __future__ import annotations

import pytest

from mmalign.errors import InputError
from mmalign.skeletons.joint_sets import joint_set


@pytest.mark.parametrize(
    ("dataset", "count", "wanted", "skeleton", "ends"),
    [
        ("coco", 17, None, "coco17", (0, 16)),
        (None, 17, "penn13", "coco17", (0, 16)),
        ("halpe26", 26, None, "halpe26", (0, 25)),
        ("freihand", 21, "hands42", "hand21", (0, 20)),
        ("coco_wholebody", 133, None, "coco17", (0, 16)),
        ("coco_wholebody", 133, "hands42", "hands42", (91, 132)),
        (None, 133, "hands42", "hands42", (91, 132)),
        ("coco_wholebody", 133, "wholebody133", "wholebody133", (0, 132)),
    ],
)
def test_networks_that_are_known(dataset, count, wanted, skeleton, ends) -> None:
    joints = joint_set(dataset, count, wanted, "--model m")
    assert joints.skeleton == skeleton
    assert (joints.indices[0], joints.indices[-1]) == ends


@pytest.mark.parametrize(
    ("dataset", "count", "wanted", "message"),
    [
        ("interhand2d", 21, None, "its 21 joints are those of interhand2d"),
        ("Human-Art", 21, None, "its 21 joints are those of Human-Art"),
        (None, 99, None, "its 99 joints are those of an unknown data set"),
        ("coco_wholebody", 133, "h36m17", "coco17 or hands42 or wholebody133, not 'h36m17'"),
    ],
)
def test_others_are_told(dataset, count, wanted, message) -> None:
    with pytest.raises(InputError, match=f"--model m: .*{message}"):
        joint_set(dataset, count, wanted, "--model m")
