"""The box that moves with a performer."""

from __future__ import annotations

import numpy as np
import pytest

from mmalign.functional.following import follow, moving_box


def sequence(frames: int = 90, dims: int = 2, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """A body that sways, some of whose joints are absent, one frame of it altogether."""
    rng = np.random.default_rng(seed)
    body = rng.uniform(0, 50, (1, 7, dims))
    keypoints = (
        body + 8 * np.sin(np.arange(frames) / 3)[:, None, None] + rng.normal(0, 1, body.shape)
    )
    scores = (rng.random((frames, 7)) < 0.8).astype(np.float32)
    scores[frames // 2] = 0
    keypoints[scores == 0] = np.nan
    return keypoints.astype(np.float32), scores


@pytest.mark.parametrize("dims", [2, 3])
@pytest.mark.parametrize("reach", [0, 1, 5, 200])
def test_a_box_is_the_mean_of_the_boxes_around(reach: int, dims: int) -> None:
    keypoints, scores = sequence(40, dims)
    scores[20] = 1  # Nobody is out of sight: then nothing is between two frames.
    keypoints[20] = 25
    last = len(keypoints) - 1
    around = [np.clip(np.arange(t - reach, t + reach + 1), 0, last) for t in range(len(keypoints))]
    wide = []
    for frames in around:
        present = keypoints[frames][scores[frames] > 0]
        wide.append((present.min(axis=0), present.max(axis=0)))
    expected = [np.mean([wide[t] for t in frames], axis=0) for frames in around]
    np.testing.assert_allclose(moving_box(keypoints, scores, reach), expected, atol=1e-3)


@pytest.mark.parametrize("reach", [0, 3, 30])
def test_every_frame_is_in_its_box(reach: int) -> None:
    keypoints, scores = sequence()
    low, high = moving_box(keypoints, scores, reach).swapaxes(0, 1)
    inside = (keypoints >= low[:, None] - 1e-3) & (keypoints <= high[:, None] + 1e-3)
    assert inside[scores > 0].all()


def test_a_walk_is_taken_away_and_movements_on_the_spot_stay() -> None:
    keypoints, scores = sequence(300)
    walking = keypoints.copy()
    walking[..., 0] += 5 * np.arange(300)[:, None]
    there, away = scores > 0, follow(walking, scores, 20)
    step = away - keypoints
    # Far from the ends the place moves as the performer does.
    middle = np.zeros(300, dtype=bool)
    middle[60:240] = True
    drift = step[..., 0][there & middle[:, None]]
    assert np.ptp(drift) < 5 and np.abs(step[..., 1][there]).max() < 2
    still = follow(keypoints, scores, 20)
    assert np.abs(still - keypoints)[there].max() < 2
    assert away.dtype == np.float32


def test_it_stays_where_it_is_on_average() -> None:
    keypoints, scores = sequence()
    boxes = moving_box(follow(keypoints, scores, 10), scores, 0).mean(axis=(0, 1))
    np.testing.assert_allclose(boxes, moving_box(keypoints, scores, 0).mean(axis=(0, 1)), atol=1)


def test_what_nobody_is_in_stays() -> None:
    keypoints = np.full((5, 3, 2), np.nan, dtype=np.float32)
    scores = np.zeros((5, 3), dtype=np.float32)
    assert follow(keypoints, scores, 2) is keypoints
    with pytest.raises(ValueError, match="no joint is present"):
        moving_box(keypoints, scores, 2)
