import dataclasses
import json
import os
from pathlib import Path

import numpy as np
import pytest
from mmengine.config import Config

from mmalign.errors import InputError
from mmalign.skeletons import Skeleton, get_skeleton, list_skeletons

SIZES = {
    "coco17": 17, "openpose18": 18, "body25": 25, "body25b": 25, "penn13": 13, "hand21": 21,
    "hands42": 42, "h36m17": 17, "smpl24": 24, "smpl25": 25, "halpe26": 26, "mediapipe33": 33,
    "plugin_gait39": 39, "wholebody133": 133, "kinect25": 25,
}  # fmt: skip


def joints(name, indices):
    return [get_skeleton(name).joints[i] for i in indices]


def test_every_named_skeleton_has_its_number_of_joints():
    assert {name: get_skeleton(name).num_joints for name in list_skeletons()} == SIZES


@pytest.mark.parametrize("name", SIZES)
def test_flipping_twice_changes_nothing_and_keeps_limbs_and_tree(name):
    skeleton = get_skeleton(name)
    flip = skeleton.flip_index
    assert (flip[flip] == np.arange(skeleton.num_joints)).all()
    limbs = {frozenset(limb) for limb in skeleton.limbs}
    assert {frozenset((flip[a], flip[b])) for a, b in limbs} == limbs
    asymmetric = {"RBAK"} | ({"wrist"} if name == "hand21" else set())
    for joint, parent in enumerate(skeleton.parents):
        if skeleton.joints[joint] not in asymmetric:
            expected = -1 if parent < 0 else flip[parent]
            assert skeleton.parents[flip[joint]] == expected


@pytest.mark.parametrize("name", SIZES)
def test_flip_pairs_are_left_and_right_of_the_same_joint(name):
    skeleton = get_skeleton(name)
    for left, right in skeleton.flip_pairs:
        first, second = skeleton.joints[left], skeleton.joints[right]
        assert first.replace("left_", "right_") == second or "R" + first[1:] == second
    paired = sum(j.startswith(("left_", "right_")) for j in skeleton.joints)
    if name not in ("plugin_gait39", "hand21"):
        assert 2 * len(skeleton.flip_pairs) == paired


@pytest.mark.parametrize("name", SIZES)
def test_rotatable_covers_every_joint_with_a_parent_and_excludes_its_pivot(name):
    skeleton = get_skeleton(name)
    turned = [moved[0] for _, moved in skeleton.rotatable]
    assert turned == [j for j, parent in enumerate(skeleton.parents) if parent >= 0]
    for pivot, moved in skeleton.rotatable:
        assert pivot == skeleton.parents[moved[0]]
        assert pivot not in moved


def test_descendants_of_a_shoulder_of_coco_are_the_arm_and_the_leg():
    skeleton = get_skeleton("coco17")
    assert joints("coco17", skeleton.descendants(5)) == [
        "left_elbow", "left_wrist", "left_hip", "left_knee", "left_ankle",
    ]  # fmt: skip
    assert skeleton.descendants(15) == ()


def test_coco_limbs_are_those_of_posec3d():
    expected = "0-1 0-2 1-3 2-4 0-5 5-7 7-9 0-6 6-8 8-10 5-11 11-13 13-15 6-12 12-14 14-16 11-12"
    pairs = {tuple(int(j) for j in pair.split("-")) for pair in expected.split()}
    assert set(get_skeleton("coco17").limbs) == pairs
    assert get_skeleton("coco17").num_limbs == 17


def test_coco_joint_order_is_that_of_mmaction():
    flip = get_skeleton("coco17").flip_pairs
    assert flip == tuple((i, i + 1) for i in range(1, 17, 2))


def test_penn_odd_indices_are_the_right_side():
    skeleton = get_skeleton("penn13")
    assert all(skeleton.joints[j].startswith("right_") for j in range(1, 13, 2))
    assert all(skeleton.joints[j].startswith("left_") for j in range(2, 13, 2))


def test_two_hands_are_two_trees_left_first():
    skeleton = get_skeleton("hands42")
    assert [j for j, parent in enumerate(skeleton.parents) if parent < 0] == [0, 21]
    assert skeleton.flip_pairs == tuple((i, i + 21) for i in range(21))
    assert skeleton.limb_groups["left_index"] == (5, 6, 7, 8)
    assert skeleton.limb_groups["right_thumb"] == (22, 23, 24, 25)
    assert len(skeleton.limb_groups) == 10


def test_smpl24_parents_are_those_of_the_body_model():
    expected = [-1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 12, 13, 14, 16, 17, 18, 19, 20, 21]
    assert list(get_skeleton("smpl24").parents) == expected


def test_skeletons_can_be_keys():
    assert len({get_skeleton(name) for name in SIZES}) == len(SIZES)


def test_smpl25_is_body25_by_another_name():
    assert get_skeleton("smpl25").joints == get_skeleton("body25").joints


@pytest.mark.parametrize("name", sorted(set(SIZES) - {"hand21", "hands42"}))
def test_bodies_have_two_arms_and_two_legs(name):
    groups = get_skeleton(name).limb_groups
    assert list(groups) == ["left_arm", "right_arm", "left_leg", "right_leg"]
    flip = get_skeleton(name).flip_index
    assert set(flip[list(groups["left_arm"])]) == set(groups["right_arm"])


def test_the_whole_body_is_mmposes():
    mmpose = pytest.importorskip("mmpose", reason="MMPose is not installed")
    table = Path(mmpose.__file__).parent / ".mim/configs/_base_/datasets/coco_wholebody.py"
    info = Config.fromfile(table).dataset_info.keypoint_info
    skeleton = get_skeleton("wholebody133")
    names = [info[i]["name"] for i in range(133)]
    assert names[:23] == list(skeleton.joints[:23])
    assert [names[i] for i in (91, 112)] == [skeleton.joints[i] for i in (91, 112)]
    swaps = {i: info[i]["swap"] for i in range(133)}
    flip = skeleton.flip_index
    assert {i: names[flip[i]] if flip[i] != i else "" for i in range(133)} == swaps


def test_unknown_name_lists_the_known_ones():
    with pytest.raises(InputError, match="'coco18'.*coco17.*penn13"):
        get_skeleton("coco18")


GOOD = Skeleton("t", ("a", "b", "c"), ((0, 1),), ((1, 2),), (-1, 0, 0), {"g": (1,)})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"joints": ("a", "a", "c")}, "differ"),
        ({"joints": ()}, "must be given"),
        ({"parents": (-1, 0)}, "2 parents for 3"),
        ({"parents": (-1, 2, 1)}, "circle"),
        ({"parents": (-1, 0, 3)}, "outside"),
        ({"parents": (-2, 0, 0)}, "outside"),
        ({"limbs": ((0, 3),)}, "outside"),
        ({"limbs": ((1, 1),)}, "itself"),
        ({"flip_pairs": ((0, 1), (1, 2))}, "two flip pairs"),
        ({"limb_groups": {"g": ()}}, "empty"),
        ({"limb_groups": {"g": (9,)}}, "outside"),
    ],
)
def test_tables_that_do_not_fit_are_refused(change, message):
    with pytest.raises(InputError, match=message):
        dataclasses.replace(GOOD, **change)


OWN = {
    "name": "arm5",
    "joints": ["base", "shoulder", "elbow", "left_tip", "right_tip"],
    "limbs": [["base", "shoulder"], ["shoulder", "elbow"]],
    "flip_pairs": [["left_tip", "right_tip"]],
    "parents": {"shoulder": "base", "elbow": "shoulder", "left_tip": "elbow"},
    "limb_groups": {"tips": ["left_tip", "right_tip"]},
}


def test_a_skeleton_of_one_s_own_is_known_by_its_name(tmp_path, monkeypatch):
    (tmp_path / "arm.json").write_text(json.dumps(OWN))
    (tmp_path / "bare.json").write_text('{"name": "b", "joints": ["x", "y"], "limbs": []}')
    files = [str(tmp_path / name) for name in ("arm.json", "bare.json")]
    monkeypatch.setenv("MMALIGN_SKELETONS", os.pathsep.join(files))
    arm = get_skeleton("arm5")
    assert arm.joints == tuple(OWN["joints"]) and arm.limbs == ((0, 1), (1, 2))
    assert arm.parents == (-1, 0, 1, 2, -1) and arm.flip_pairs == ((3, 4),)
    assert arm.limb_groups == {"tips": (3, 4)} and arm.descendants(0) == (1, 2, 3)
    assert get_skeleton("b").parents == (-1, -1)
    assert {"arm5", "b", "coco17"} <= set(list_skeletons())
    monkeypatch.delenv("MMALIGN_SKELETONS")
    with pytest.raises(InputError, match="'arm5'.*MMALIGN_SKELETONS"):
        get_skeleton("arm5")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"limbs": [["base", "tail"]]}, "'tail' is not one of its joints"),
        ({"limbs": [["base"]]}, "not a skeleton"),
        ({"limbs": 3}, "not a skeleton"),
        ({"joints": [1, 2]}, "must be texts"),
        ({"parents": {"base": "elbow", "elbow": "base"}}, "circle"),
        ({"parents": ["base"]}, "not a skeleton"),
        ({"edges": []}, "'edges' is not a key"),
        ({"name": "coco17"}, "the name 'coco17' is taken"),
        (None, "no readable JSON"),
    ],
)
def test_a_file_that_is_no_skeleton_is_told(tmp_path, monkeypatch, change, message):
    path = tmp_path / "own.json"
    path.write_text(json.dumps({**OWN, **change}) if change else "{")
    monkeypatch.setenv("MMALIGN_SKELETONS", str(path))
    with pytest.raises(InputError, match=message):
        get_skeleton("arm5")
