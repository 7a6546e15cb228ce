"""What the repair of estimated poses changes, and what it leaves alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mmalign.poses.pose_file import PoseSequence
from mmalign.poses.repair import CALMED_FROM, put_sides_right, repair_poses, side_groups
from mmalign.skeletons import get_skeleton, list_skeletons


def moving(skeleton: str, frames: int = 40, fps: float = 30.0) -> PoseSequence:
    """Left joints on the right of the picture, as of a person who faces the camera."""
    facts = get_skeleton(skeleton)
    x = np.zeros(facts.num_joints)
    for left, right in facts.flip_pairs:
        x[[left, right]] = 30, -30
    rng = np.random.default_rng(0)
    place = np.stack([x + 200, np.linspace(50, 400, facts.num_joints)], axis=1)
    swing = np.cumsum(rng.normal(0, 1, (frames, facts.num_joints, 2)), axis=0)
    scores = rng.uniform(0.5, 1, (frames, facts.num_joints))
    return PoseSequence(place + swing, scores, (480, 640), fps, skeleton).validate("moving")


def exchanged(sequence: PoseSequence, frames: slice, joints: np.ndarray) -> PoseSequence:
    keypoints, scores = sequence.keypoints.copy(), sequence.scores.copy()
    other = get_skeleton(sequence.skeleton).flip_index[joints]
    keypoints[frames, joints] = sequence.keypoints[frames, other]
    scores[frames, joints] = sequence.scores[frames, other]
    return replace(sequence, keypoints=keypoints, scores=scores)


@pytest.mark.parametrize("skeleton", list_skeletons())
def test_exchanged_sides_are_put_right_in_every_skeleton(skeleton: str) -> None:
    good = moving(skeleton)
    if not get_skeleton(skeleton).flip_pairs:  # a single hand
        assert not put_sides_right(good)[2].any()
        return
    joints = np.arange(good.keypoints.shape[1])
    keypoints, scores, changed = put_sides_right(exchanged(good, slice(10, 18), joints))
    assert np.array_equal(keypoints, good.keypoints) and np.array_equal(scores, good.scores)
    assert np.flatnonzero(changed).tolist() == list(range(10, 18))


@pytest.mark.parametrize("part", [0, 1])
def test_arms_and_legs_are_exchanged_apart(part: int) -> None:
    good = moving("halpe26")
    joints = np.ravel(side_groups(get_skeleton("halpe26"))[part])
    keypoints, _, changed = put_sides_right(exchanged(good, slice(10, 18), joints))
    assert np.array_equal(keypoints, good.keypoints) and changed.sum() == 8


def test_the_feet_go_with_the_legs_and_the_face_with_the_arms() -> None:
    skeleton = get_skeleton("body25")
    upper, lower = ({skeleton.joints[j] for j in np.ravel(p)} for p in side_groups(skeleton))
    assert {"left_hip", "right_heel", "left_small_toe"} <= lower
    assert {"left_ear", "right_eye", "left_wrist", "right_shoulder"} <= upper
    assert not upper & lower


def test_what_the_repair_gives() -> None:
    good = moving("coco17")
    bad = exchanged(good, slice(10, 18), np.arange(17))
    bad.scores[14:16] = 0
    repaired, frames = repair_poses(bad)
    assert frames == 6  # where nobody is there is nothing to put right
    assert not repaired.scores[14:16].any()
    away = np.abs(repaired.keypoints - good.keypoints)[bad.scores.max(axis=1) > 0]
    assert 0 < away.max() < 10  # the pairs are 60 pixels apart
    # With few frames a second, what moves is no jitter.
    slow, _ = repair_poses(replace(good, fps=CALMED_FROM / 2))
    assert np.array_equal(slow.keypoints, good.keypoints)
