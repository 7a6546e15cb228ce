"""Features that need no learning."""

from __future__ import annotations

import numpy as np
import pytest

from mmalign.functional.floors import clock, frame_number, majority_class, raw_pose


def random_pose(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    scores = (rng.random((6, 5)) < 0.8).astype(np.float32)
    return rng.normal(size=(6, 5, 2)).astype(np.float32) * 40 + 200, scores


def test_clock_and_frame_number() -> None:
    assert clock(4).tolist() == [[0.0], [0.25], [0.5], [0.75]]
    assert frame_number(3).tolist() == [[0.0], [1.0], [2.0]]


def test_raw_pose_against_a_loop() -> None:
    keypoints, scores = random_pose()
    expected = np.zeros((6, 5, 2))
    distances = []
    for t in range(6):
        present = [k for k in range(5) if scores[t, k] > 0]
        centre = np.mean([keypoints[t, k] for k in present], axis=0)
        for k in present:
            expected[t, k] = keypoints[t, k] - centre
            distances.append(np.sum(expected[t, k] ** 2))
    expected /= np.sqrt(np.mean(distances))
    np.testing.assert_allclose(raw_pose(keypoints, scores), expected.reshape(6, 10), atol=1e-5)


def test_raw_pose_ignores_place_size_and_absent_joints() -> None:
    keypoints, scores = random_pose()
    reference = raw_pose(keypoints, scores)
    moved = 3 * keypoints + np.float32(17)
    moved[scores == 0] = np.nan
    np.testing.assert_allclose(raw_pose(moved, scores), reference, atol=1e-4)


@pytest.mark.parametrize("visible", [0, 1])
def test_raw_pose_of_degenerate_frames_is_finite(visible: int) -> None:
    keypoints, scores = np.full((3, 4, 2), 7.0), np.zeros((3, 4))
    scores[:, :visible] = 1
    assert (raw_pose(keypoints, scores) == 0).all()


def test_majority_class() -> None:
    assert majority_class(np.array([2, 0, 2, 1])) == 2
    assert majority_class(np.array([3, 1, 1, 3])) == 1
