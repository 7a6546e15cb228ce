"""Hands, and the report on quality."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmalign.errors import InputError
from mmalign.extraction.quality import quality_of
from mmalign.extraction.sequences import Choice, make_sequences
from mmalign.poses.people import People
from mmalign.poses.pose_file import PoseSequence

SIZE = (720, 1280)


def hand(x: float, score: float = 0.8) -> np.ndarray:
    grid = np.stack(np.divmod(np.arange(21), 5), axis=1) * 20.0
    return np.concatenate([grid + [x, 300], np.full((21, 1), score)], axis=1)


def hands(frames: list[list[np.ndarray]]) -> PoseSequence:
    poses = np.array([pose for frame in frames for pose in frame])
    index = np.repeat(np.arange(len(frames)), [len(frame) for frame in frames])
    people = People(poses, index, len(frames))
    (found,) = make_sequences(people, "hand21", SIZE, 30.0, Choice(skeleton="hands42"), "a.mp4")
    return found


def test_left_and_right_hand_whatever_their_order() -> None:
    frames = [[hand(400 + t), hand(800 - t)][:: 1 if t % 2 else -1] for t in range(30)]
    found = hands(frames)
    assert found.skeleton == "hands42"
    for side, start in ((slice(0, 21), 400), (slice(21, 42), 800)):
        direction = 1 if start == 400 else -1
        expected = np.array([hand(start + direction * t)[:, :2] for t in range(30)])
        assert found.keypoints[:, side] == pytest.approx(expected)


def test_a_hand_that_comes_back_keeps_its_side() -> None:
    # The left hand is away for longer than it is remembered, and returns elsewhere; the right one
    # crosses the middle meanwhile.
    frames = [
        [*([hand(100 + t)] if t < 20 or t >= 60 else []), hand(900 - 5 * t)] for t in range(90)
    ]
    found = hands(frames)
    there = found.scores > 0
    assert there[:20, :21].all() and there[60:, :21].all() and not there[20:60, :21].any()
    assert there[:, 21:].all()
    assert found.keypoints[:, 21, 0] == pytest.approx(900 - 5.0 * np.arange(90))


def test_of_two_on_one_side_the_surer_counts() -> None:
    found = hands([[hand(100, 0.4), hand(250, 0.7), hand(900)] for _ in range(10)])
    assert found.keypoints[:, 0, 0] == pytest.approx(250)
    assert found.scores[:, :21] == pytest.approx(0.7)


def test_a_single_hand_far_to_one_side() -> None:
    found = hands([[hand(1000)] for _ in range(10)])
    assert not found.scores[:, :21].any() and found.scores[:, 21:].all()


def test_joints_of_the_whole_body() -> None:
    rng = np.random.default_rng(0)
    poses = np.concatenate([rng.uniform(0, 700, (5, 133, 2)), np.full((5, 133, 1), 0.5)], axis=2)
    people = People(poses, np.arange(5), 5, np.zeros(5, np.int64))
    for skeleton, part in (("coco17", slice(0, 17)), ("hands42", slice(91, 133))):
        (found,) = make_sequences(people, "coco17", SIZE, 30.0, Choice(skeleton=skeleton), "a.mp4")
        assert found.skeleton == skeleton
        assert found.keypoints == pytest.approx(poses[:, part, :2], rel=1e-6)


def test_nobody_is_a_reason() -> None:
    nobody = People(np.zeros((0, 0, 3)), np.zeros(0, np.int64), 9)
    with pytest.raises(InputError, match=r"a\.mp4: nobody was found"):
        make_sequences(nobody, "coco17", SIZE, 30.0, Choice(), "a.mp4")


def walker(num_frames: int = 60, fps: float = 30.0) -> PoseSequence:
    body = np.random.default_rng(0).uniform(0, 1, (17, 2)) * [80, 200] + [100, 100]
    points = body + np.arange(num_frames)[:, None, None] * [4.0, 0]
    return PoseSequence(points, np.full((num_frames, 17), 0.8), SIZE, fps, "coco17")


def test_quality_counts_what_is_wrong() -> None:
    good = quality_of(walker().validate("w"))
    assert good == {
        "frames": 60,
        "performer": 1.0,
        "confidence": 0.8,
        "jumps": 0,
        "jump_frames": [],
        "exchanged_sides": 0,
    }
    bad = walker()
    bad.keypoints[30:] += 150
    bad.scores[40:46] = 0
    found = quality_of(bad.validate("w"))
    assert found["jump_frames"] == [30]
    assert found["performer"] == 0.9
    assert found["confidence"] == 0.8


@settings(deadline=None)
@given(st.floats(1, 120), st.integers(1, 40))
def test_walking_is_no_jump_at_any_rate(fps: float, num_frames: int) -> None:
    # 3 diagonals of the body a second are a sprint.
    sequence = walker(num_frames, fps)
    extent = np.ptp(sequence.keypoints[0], axis=0)
    way = 3 * np.linalg.norm(extent) / fps
    sequence.keypoints = sequence.keypoints[:1] + np.arange(num_frames)[:, None, None] * [way, 0.0]
    assert quality_of(sequence.validate("w"))["jumps"] == 0
