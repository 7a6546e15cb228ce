"""Aligning by raw pose: no network, any skeletons that share their joints."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tiny_aligner import toy_poses

from mmalign.apis import AlignmentInferencer
from mmalign.errors import InputError
from mmalign.functional.floors import raw_pose
from mmalign.poses.skeleton_conversion import convert_skeleton

POSES = toy_poses()


def test_a_copy_is_aligned_to_itself() -> None:
    result = AlignmentInferencer("none")(POSES, POSES)
    assert result.method == "open"
    (pair,) = result.pairs
    assert pair.matched.all() and not pair.mirrored
    np.testing.assert_allclose(pair.positions, np.arange(POSES.num_frames), atol=0.25)
    expected = raw_pose(POSES.keypoints, POSES.scores)
    np.testing.assert_allclose(result.reference.embedding, expected, atol=1e-6)


def test_a_mirrored_copy_is_found() -> None:
    width = POSES.frame_size[1]
    flip = [0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15]
    keypoints = (POSES.keypoints * [-1, 1] + [width - 1, 0])[:, flip].astype(np.float32)
    other = replace(POSES, keypoints=keypoints, scores=POSES.scores[:, flip])
    assert AlignmentInferencer("none")(POSES, other).pairs[0].mirrored


def test_different_skeletons_meet_in_the_joints_of_most_bodies() -> None:
    other = convert_skeleton(POSES, "penn13", "other")
    result = AlignmentInferencer("none")(POSES, other, method="dtw")
    assert result.reference.poses.skeleton == "penn13"
    np.testing.assert_allclose(result.pairs[0].positions, np.arange(POSES.num_frames), atol=0.25)


def test_what_belongs_to_a_network_is_refused() -> None:
    with pytest.raises(InputError, match="checkpoint is none: found an action"):
        AlignmentInferencer("none", action="squat")
    with pytest.raises(InputError, match="checkpoint is none, expected a network"):
        _ = AlignmentInferencer("none").aligner


def test_a_hand_and_a_body_have_no_common_joints() -> None:
    hands = toy_poses("pour")
    assert hands.skeleton == "hands42"
    with pytest.raises(InputError, match="its skeleton is 'hands42', others have coco17"):
        AlignmentInferencer("none")(POSES, hands)
