"""What is doubtful about a sequence of poses."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tiny_aligner import toy_poses

from mmalign.analysis.doubts import doubts
from mmalign.cli.demo import poses
from mmalign.poses.pose_file import PoseSequence, read_pose_file

POSES = toy_poses()


def still(sequence: PoseSequence, jitter: float = 0.0) -> PoseSequence:
    """The middle frame all the time, with noise of so many diagonals of its box."""
    middle = sequence.num_frames // 2
    one = sequence.keypoints[middle]
    size = float(np.linalg.norm(np.ptp(one[sequence.scores[middle] > 0], axis=0)))
    noise = np.random.default_rng(0).normal(0, jitter * size, sequence.keypoints.shape)
    scores = np.repeat(sequence.scores[[middle]], sequence.num_frames, axis=0)
    return replace(sequence, keypoints=one + noise, scores=scores, labels=None, keypoints3d=None)


def test_good_sequences_are_beyond_doubt() -> None:
    assert doubts(POSES) == []
    for name in ("first_squat", "second_squat", "first_squat_late_camera"):
        assert doubts(read_pose_file(poses(name))) == []
    assert doubts(toy_poses("pour")) == []  # Hands have no hips.


@pytest.mark.parametrize("jitter", [0.0, 0.003])
def test_a_still_picture_does_not_move(jitter: float) -> None:
    assert doubts(still(POSES, jitter)) == [
        "nothing in it moves: no frame can be told from another"
    ]


def test_a_wave_of_one_hand_is_motion() -> None:
    waving = still(POSES)
    size = np.linalg.norm(np.ptp(waving.keypoints[0], axis=0))
    waving.keypoints[:, 9, 0] += 0.1 * size * np.sin(np.arange(len(waving.keypoints)))
    waving.scores[:, 9] = 1.0
    assert doubts(waving) == []


def test_a_foot_that_wanders_in_a_still_picture_is_no_motion() -> None:
    wandering = still(POSES, 0.001)
    size = np.linalg.norm(np.ptp(wandering.keypoints[0], axis=0))
    wandering.keypoints[:, 15] += np.linspace(0, 0.06 * size, POSES.num_frames)[:, None] / 2
    assert len(doubts(wandering)) == 1


def test_a_detectors_slip_is_no_motion() -> None:
    slipped = still(POSES)
    slipped.keypoints[3] += 500
    assert len(doubts(slipped)) == 1


def test_who_is_there_now_and_then_is_told() -> None:
    scores = POSES.scores.copy()
    scores[10:] = 0
    (line,) = doubts(replace(POSES, scores=scores))
    assert line.startswith(f"somebody is found in 10 of its {POSES.num_frames} frames")


def test_upside_down_is_told_and_lying_is_not() -> None:
    height, width = POSES.frame_size
    turned = replace(POSES, keypoints=np.array([width, height]) - POSES.keypoints)
    (line,) = doubts(turned)
    assert "the head is below the hips in" in line and "turn the video" in line
    lying = replace(POSES, keypoints=POSES.keypoints[..., ::-1])
    assert doubts(lying) == []


def test_where_every_joint_is_rare_nothing_is_known_of_motion() -> None:
    scores = np.zeros_like(POSES.scores)
    scores[np.arange(len(scores)), np.arange(len(scores)) % scores.shape[1]] = 1
    assert doubts(replace(POSES, scores=scores)) == []
