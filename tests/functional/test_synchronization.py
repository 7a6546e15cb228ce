"""Offsets of cameras' clocks, on bodies in space seen by cameras with perspective."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter1d

from mmalign.functional.epipolar import epipolar_distances, fit_fundamental
from mmalign.functional.synchronization import (
    NoOffsetError,
    _correlate,
    find_clock_offset,
    normalize_track,
)

FPS = 50.0


def body(frames: int, seed: int = 0, joints: int = 9) -> np.ndarray:
    """Joints that move smoothly about their places, metres ``(T, K, 3)``."""
    rng = np.random.default_rng(seed)
    places = rng.normal(0, 0.5, (joints, 3))
    return places + 3 * gaussian_filter1d(rng.normal(0, 0.5, (frames, joints, 3)), 8, axis=0)


def film(points: np.ndarray, angle: float, distance: float = 4.0) -> np.ndarray:
    """Pixels of a camera that looks at the body from an angle in radians, ``(T, K, 2)``."""
    c, s = np.cos(angle), np.sin(angle)
    seen = points @ np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]]).T
    return 900 * seen[..., :2] / (seen[..., 2:] + distance) + [500, 300]


def cameras(lag: int, angle: float = 1.2, noise: float = 1.0, frames: int = 160) -> tuple:
    """Two cameras of 100 frames, the second starting ``lag`` later."""
    points, rng = body(frames), np.random.default_rng(1)
    first = film(points, 0.0)[30:130]
    second = film(points, angle)[30 + lag : 130 + lag]
    ones = np.ones(first.shape[:2])
    a, b = (x + rng.normal(0, noise, x.shape) for x in (first, second))
    return (a, ones), (b, ones)


@pytest.mark.parametrize("angle", [0.3, 1.2, 2.0, 3.0])
@pytest.mark.parametrize("lag", [-25, 0, 13])
def test_finds_the_offset_from_everywhere(angle: float, lag: int) -> None:
    a, b = cameras(lag, angle)
    found = find_clock_offset(a, b, FPS, 50)
    assert found.lag == pytest.approx(lag, abs=0.25)
    assert found.correlation > 0.9
    assert found.misfit < 0.03


def test_offset_between_frames() -> None:
    points = body(400)
    second = film(points, 1.0)[61:261:2]
    a, b = film(points, 0.0)[60:260:2], second
    ones = np.ones(a.shape[:2])
    assert find_clock_offset((a, ones), (b, ones), FPS / 2, 50).lag == pytest.approx(0.5, abs=0.15)


@settings(deadline=None, max_examples=15)
@given(
    lag=st.integers(-20, 20),
    scale=st.floats(0.1, 10),
    shift=st.floats(-1000, 1000),
    turn=st.floats(0, 6.3),
)
def test_pictures_may_be_moved_scaled_and_turned(
    lag: int, scale: float, shift: float, turn: float
) -> None:
    a, (points, ones) = cameras(lag, noise=0.5)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    first = find_clock_offset(a, (points, ones), FPS, 50)
    moved = find_clock_offset(a, (scale * points @ rotation.T + shift, ones), FPS, 50)
    assert moved.lag == pytest.approx(first.lag, abs=0.05)
    assert moved.misfit == pytest.approx(first.misfit, rel=0.1)


def test_exchanging_the_cameras_turns_the_sign() -> None:
    a, b = cameras(7)
    there, back = find_clock_offset(a, b, FPS, 50), find_clock_offset(b, a, FPS, 50)
    assert there.lag == pytest.approx(-back.lag, abs=0.1)
    assert there.correlation == pytest.approx(back.correlation, abs=1e-6)


def test_absent_joints_and_their_coordinates_do_not_count() -> None:
    rng = np.random.default_rng(3)
    (a, wa), (b, wb) = cameras(9)
    for points, scores in ((a, wa), (b, wb)):
        lost = rng.random(scores.shape) < 0.3
        lost[20:60, 4] = True
        scores[lost], points[lost] = 0, np.nan
    found = find_clock_offset((a, wa), (b, wb), FPS, 50)
    assert found.lag == pytest.approx(9, abs=0.5)


def test_outliers_weigh_little() -> None:
    (a, wa), (b, wb) = cameras(9)
    rng = np.random.default_rng(4)
    wrong = rng.random(wa.shape) < 0.1
    a[wrong] += rng.normal(0, 200, (wrong.sum(), 2))
    assert find_clock_offset((a, wa), (b, wb), FPS, 50).lag == pytest.approx(9, abs=0.3)
    # The fit itself: wrong points hardly move it.
    x, y = (film(body(40), angle).reshape(-1, 2) / 100 - [5, 3] for angle in (0.0, 1.0))
    right, _, _ = fit_fundamental(x, y, np.ones(len(x)))
    moved = np.where((rng.random(len(x)) < 0.1)[:, None], x + rng.normal(0, 2, x.shape), x)
    found, _, misfit = fit_fundamental(moved, y, np.ones(len(x)))
    assert misfit < 0.02
    assert abs((right * found).sum()) == pytest.approx(1, abs=1e-3)


def test_perspective_is_taken_into_account() -> None:
    """Near cameras: the rough offset, of affine ones, is off."""
    points = body(160)
    a, b = film(points, 0.0, 1.8)[30:130], film(points, 1.0, 1.8)[41:141]
    ones = np.ones(a.shape[:2])
    found = find_clock_offset((a, ones), (b, ones), FPS, 50)
    assert found.lag == pytest.approx(11, abs=0.1)


def test_stray_joints_where_nobody_is_do_not_decide() -> None:
    points, rng = body(600, seed=2), np.random.default_rng(0)
    a, b = film(points, 0.0)[:500], film(points, 1.2)[20:520]
    a, b = (x + rng.normal(0, 1, x.shape) for x in (a, b))
    wa, wb = np.zeros(a.shape[:2]), np.zeros(b.shape[:2])
    wa[:200] = wb[:200] = 1
    wa[400:420, 4:6] = 1
    assert find_clock_offset((a, wa), (b, wb), FPS, 50).lag == pytest.approx(20, abs=0.3)


def test_repeated_movement_is_told_apart_by_the_fit() -> None:
    """Executions that differ a little, a short overlap: the best correlation may be wrong."""
    rng, cycles = np.random.default_rng(1), 40
    once = 2 * gaussian_filter1d(rng.normal(0, 0.5, (40, 9, 3)), 5, axis=0, mode="wrap")
    own = gaussian_filter1d(rng.normal(0, 0.5, (40 * cycles, 9, 3)), 12, axis=0)
    points = rng.normal(0, 0.5, (9, 3)) + np.tile(once, (cycles, 1, 1)) + own
    a, b = film(points, 0.0)[:1000], film(points, 1.2)[750:]
    a, b = (x + rng.normal(0, 1, x.shape) for x in (a, b))
    found = find_clock_offset((a, np.ones(a.shape[:2])), (b, np.ones(b.shape[:2])), 25.0, 125)
    assert found.lag == pytest.approx(750, abs=0.3)


def test_other_moments_do_not_fit() -> None:
    a, _ = cameras(0)
    other = film(body(100, seed=5), 1.0)
    ones = np.ones(other.shape[:2])
    right = find_clock_offset(*cameras(0), FPS, 50)
    assert find_clock_offset(a, (other, ones), FPS, 50).misfit > 4 * right.misfit


def test_least_overlap_is_kept() -> None:
    a, b = cameras(25)
    found = find_clock_offset(a, b, FPS, 90)
    assert np.abs(found.lags).max() == 10
    assert abs(found.lag) <= 10 + round(0.15 * FPS)


@pytest.mark.parametrize("kind", ["nobody", "nobody moves", "a moment"])
def test_nothing_to_synchronise(kind: str) -> None:
    a, (b, wb) = cameras(0)
    if kind == "nobody":
        wb = np.zeros_like(wb)
    elif kind == "a moment":
        b, wb = b[:10], wb[:10]
    else:
        b = np.broadcast_to(b[:1], b.shape)
    with pytest.raises(
        NoOffsetError, match=r"no joint is ever seen|joints move|no more than 0\.2 s"
    ):
        find_clock_offset(a, (b, wb), FPS, 50)


def test_correlation_is_the_sum_it_says() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(7, 3, 2)), rng.normal(size=(5, 3, 4))
    found = _correlate(a, b)
    assert found.shape == (11, 2, 4)
    for index, lag in enumerate(range(-4, 7)):
        slow = np.zeros((2, 4))
        for t in range(5):
            if 0 <= t + lag < 7:
                for joint in range(3):
                    slow += np.outer(a[t + lag, joint], b[t, joint])
        np.testing.assert_allclose(found[index], slow, atol=1e-12)


def test_fundamental_of_exact_points_is_theirs() -> None:
    points = body(40)
    a, b = film(points, 0.0), film(points, 1.0)
    x, y = (normalize_track(p, np.ones(p.shape[:2]), 5.0)[0] for p in (a, b))
    flat, other = x.reshape(-1, 2), y.reshape(-1, 2)
    matrix, _, misfit = fit_fundamental(flat, other, np.ones(len(flat)))
    assert misfit < 2e-6
    assert abs(np.linalg.svd(matrix)[1][2]) < 1e-5
    ones = np.ones(x.shape[:2])
    distances = epipolar_distances((x, ones), (y, ones), matrix)
    assert distances.shape == (40, 40)
    assert np.diag(distances).max() < 1e-5 < np.median(distances)
    # The distance of one pair, from its definition.
    line, back = (np.append(x[3], np.ones((9, 1)), 1) @ m for m in (matrix.T, np.eye(3)))
    ends = np.append(y[8], np.ones((9, 1)), 1)
    slope = (line[:, :2] ** 2).sum(1) + ((ends @ matrix)[:, :2] ** 2).sum(1)
    squares = np.einsum("ki,ij,kj->k", ends, matrix, back) ** 2 / slope
    assert distances[3, 8] == pytest.approx(np.sqrt(squares.mean()))


def test_frames_without_a_common_joint_are_far_apart() -> None:
    x = np.zeros((2, 2, 2))
    distances = epipolar_distances(
        (x, np.array([[1.0, 0], [1, 1]])), (x, np.array([[0, 1.0], [1, 1]])), np.eye(3)
    )
    assert np.isinf(distances[0, 0])
    assert np.isfinite(distances[1]).all()
