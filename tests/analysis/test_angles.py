"""Joint angles against arithmetic and known answers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from aligned import make_pair, make_poses
from hypothesis import given, settings
from hypothesis import strategies as st

from mmalign.analysis.angles import angle_differences, angle_joints, angle_names, joint_angles
from mmalign.errors import InputError
from mmalign.skeletons import get_skeleton, list_skeletons

PENN = get_skeleton("penn13")


@pytest.mark.parametrize("name", list_skeletons())
def test_every_skeleton_has_angles_between_neighbours(name: str) -> None:
    skeleton = get_skeleton(name)
    found = angle_joints(skeleton)
    assert found and len({at for _, at, _ in found}) == len(found)
    for first, at, second in found:
        assert first != second
        for end in (first, second):
            assert skeleton.parents[end] == at or skeleton.parents[at] == end
    # Whatever is measured on one side is measured on the other.
    flip = skeleton.flip_index
    sides = {(flip[a], flip[b], flip[c]) for a, b, c in found}
    assert sides == set(found)


def test_the_angles_of_a_body_are_the_anatomical_ones() -> None:
    triples = {
        tuple(PENN.joints[j] for j in triple)
        for triple in angle_joints(PENN)
        if PENN.joints[triple[1]].startswith("left")
    }
    assert triples == {
        ("left_hip", "left_shoulder", "left_elbow"),
        ("left_shoulder", "left_elbow", "left_wrist"),
        ("left_shoulder", "left_hip", "left_knee"),
        ("left_hip", "left_knee", "left_ankle"),
    }


@given(st.integers(0, 2**32 - 1), st.sampled_from([2, 3]))
@settings(max_examples=30, deadline=None)
def test_angles_equal_the_law_of_cosines(seed: int, axes: int) -> None:
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(1, 13, axes))
    found = joint_angles(points, np.ones((1, 13)), PENN)[0]
    for angle, (a, b, c) in zip(found, angle_joints(PENN), strict=True):
        ab, bc, ac = (
            np.linalg.norm(points[0, i] - points[0, j]) for i, j in ((a, b), (b, c), (a, c))
        )
        expected = np.degrees(np.arccos((ab**2 + bc**2 - ac**2) / (2 * ab * bc)))
        # Near 0 and 180 degrees the cosine is flat.
        assert angle == pytest.approx(expected, abs=1e-4)


def test_an_absent_joint_and_a_foreshortened_limb_have_no_angle() -> None:
    poses = make_poses(np.linspace(0, 10, 11), 10)
    elbow = angle_names(PENN).index("left elbow")
    scores = poses.scores.copy()
    scores[3, PENN.joints.index("left_wrist")] = 0
    points = poses.keypoints.copy()
    points[5, 6] = points[5, 4] + [1, 0]  # The forearm points at the camera.
    found = joint_angles(points, scores, PENN)
    assert np.flatnonzero(np.isnan(found[:, elbow])).tolist() == [3, 5]
    assert np.isfinite(np.delete(found, elbow, axis=1)).all()


def test_a_shifted_scaled_and_turned_copy_does_not_differ() -> None:
    poses = make_poses(np.arange(40.0), 40)
    turn = np.array([[0.8, -0.6], [0.6, 0.8]])
    moved = replace(poses, keypoints=(poses.keypoints @ turn.T * 0.7 + 90).astype(np.float32))
    pair = make_pair([*[np.nan] * 5, *np.arange(5.0, 40.0)], 40)
    found = angle_differences(pair, poses, moved)
    assert np.isnan(found[:5]).all()
    np.testing.assert_allclose(found[5:], 0, atol=0.02)


def test_a_mirrored_copy_does_not_differ() -> None:
    poses = make_poses(np.arange(40.0), 40)
    keypoints = poses.keypoints.copy()
    keypoints[:, [4, 6]] = keypoints[:1, [4, 6]]  # The left arm rests.
    poses = replace(poses, keypoints=keypoints)
    flipped = poses.keypoints[:, PENN.flip_index].copy()
    flipped[..., 0] = 399 - flipped[..., 0]
    pair = replace(make_pair(np.arange(40.0), 40), mirrored=True)
    found = angle_differences(pair, poses, replace(poses, keypoints=flipped))
    assert np.nanmax(np.abs(found)) < 0.02
    pair.mirrored = False
    assert np.nanmax(np.abs(angle_differences(pair, poses, replace(poses, keypoints=flipped)))) > 20


def test_a_straighter_elbow_is_a_positive_difference() -> None:
    poses = make_poses(np.full(10, 20.0), 40)
    straight = poses.keypoints.copy()
    straight[:, 6] = straight[:, 4] + (straight[:, 4] - straight[:, 2])
    found = angle_differences(
        make_pair(np.arange(10.0), 10), poses, replace(poses, keypoints=straight)
    )
    # The forearm of make_poses is bent by 1.2 rad * 20 / 40.
    elbow = angle_names(PENN).index("left elbow")
    np.testing.assert_allclose(found[:, elbow], np.degrees(0.6), atol=0.01)


def test_3d_poses_are_compared_in_space() -> None:
    flat = make_poses(np.arange(30.0), 30)
    solid = np.concatenate([flat.keypoints, np.zeros((30, 13, 1))], -1).astype(np.float32)
    front = replace(flat, keypoints3d=solid)
    # From the side the picture is narrow, and its angles are others; those in space are not.
    narrow = flat.keypoints * np.float32([0.3, 1])
    side = replace(flat, keypoints=narrow, keypoints3d=solid)
    pair = make_pair(np.arange(30.0), 30)
    assert np.nanmax(np.abs(angle_differences(pair, front, side))) < 1e-3
    assert np.nanmax(np.abs(angle_differences(pair, flat, side))) > 10


def test_poses_must_be_those_of_the_pair() -> None:
    poses = make_poses(np.arange(10.0), 10)
    with pytest.raises(InputError, match="10 frames, its alignment 12"):
        angle_differences(make_pair(np.arange(10.0), 12), poses, poses)
    with pytest.raises(InputError, match="one skeleton"):
        angle_differences(make_pair(np.arange(10.0), 10), poses, replace(poses, skeleton="coco17"))
