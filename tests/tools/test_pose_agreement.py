"""The comparison of estimated with reference poses, on poses whose distance is known."""

from __future__ import annotations

import numpy as np
import pytest

from mmalign.errors import InputError
from mmalign.poses.pose_file import PoseSequence
from mmalign.skeletons import get_skeleton
from tools import load_tool

tool = load_tool("analysis/pose_agreement.py")
FRAMES = 10


def sequence(skeleton: str, **places: tuple[float, float]) -> PoseSequence:
    """Somebody who stands still: joints in the corner but those that are named."""
    joints = get_skeleton(skeleton).joints
    keypoints = np.zeros((FRAMES, len(joints), 2), np.float32)
    for name, place in places.items():
        keypoints[:, joints.index(name)] = place
    scores = np.full(keypoints.shape[:2], 0.9, np.float32)
    return PoseSequence(keypoints, scores, frame_size=(480, 640), fps=30, skeleton=skeleton)


# A torso of 100 pixels.
TRUNK = {"left_shoulder": (50, 0), "right_shoulder": (-50, 0)}
TRUNK |= {"left_hip": (30, 100), "right_hip": (-30, 100)}


def test_a_joint_is_right_within_a_fifth_of_the_torso() -> None:
    reference = sequence("body25", **TRUNK)
    found = sequence("coco17", **TRUNK, left_wrist=(0, 19), right_wrist=(0, 21))
    row = tool.agreement(found, reference)
    assert row == {"found": 1, "joints": 17, "PCK@0.2": pytest.approx(16 / 17), "median px": 0}


def test_frames_without_the_person_are_wrong_and_unsure_references_do_not_count() -> None:
    reference = sequence("coco17", **TRUNK)
    found = sequence("coco17", **{name: (x, y + 4) for name, (x, y) in TRUNK.items()})
    found.scores[:4] = 0
    reference.scores[:, ~np.isin(get_skeleton("coco17").joints, list(TRUNK))] = 0.2
    row = tool.agreement(found, reference)
    assert row == {"found": 0.6, "joints": 17, "PCK@0.2": 0.6, "median px": 4}


def test_sequences_of_other_lengths_are_told() -> None:
    shorter = sequence("coco17")
    shorter.keypoints, shorter.scores = shorter.keypoints[1:], shorter.scores[1:]
    with pytest.raises(InputError, match="9 frames of estimated poses, but 10 of reference poses"):
        tool.agreement(shorter, sequence("coco17"))
