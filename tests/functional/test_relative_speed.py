"""How fast two videos run against each other."""

from __future__ import annotations

import numpy as np
import pytest

from mmalign.functional.playback import REAL_TIME
from mmalign.functional.pose import interpolate_frames
from mmalign.functional.pose_walk import PoseWalk, pose_walk
from mmalign.functional.relative_speed import _CHANGE, _LEVELS, _piecewise, playback_speeds

FLIP = np.array([0, 2, 1, 4, 3])


def swing(seed: int = 0, frames: int = 150) -> np.ndarray:
    """``(T, 5, 2)``: a movement that is not the same backwards, of one of many performers."""
    rng = np.random.default_rng(seed)
    time = np.linspace(0, 1, frames)
    tempo = 2 * np.pi * np.array([1.0, 1.5, 0.75, 2.0, 1.25])
    size = np.array([20.0, 60.0, 60.0, 80.0, 80.0]) * rng.uniform(0.9, 1.1, 5)
    angle = tempo * (time[:, None] ** 1.3) + np.arange(5) + rng.normal(0, 0.05, 5)
    return 300 + size[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=-1)


def at_speed(points: np.ndarray, speed: float | np.ndarray) -> np.ndarray:
    """Film it again: at one speed, or at one per frame of the file."""
    if np.isscalar(speed):
        speed = np.full(int((len(points) - 1) / speed), speed)
    where = np.append(0, np.cumsum(speed))
    return interpolate_frames(points, where[where <= len(points) - 1])


def walk(points: np.ndarray, fps: float = 30.0, noise: float = 0.5) -> PoseWalk:
    jitter = np.random.default_rng(1).normal(0, noise, points.shape)
    return pose_walk(points + jitter, np.ones(points.shape[:2]), fps, 1000)


@pytest.mark.parametrize("speed", [1 / 8, 1 / 4, 1 / 2])
@pytest.mark.parametrize("slow", [0, 1])
def test_slow_motion_is_found_on_either_side(speed: float, slow: int) -> None:
    walks = [walk(swing(0)), walk(swing(1))]
    walks[slow] = walk(at_speed(swing(slow), speed))
    found = playback_speeds(walks, FLIP)
    assert found[1 - slow] == REAL_TIME
    seconds = np.linspace(0, 4 / speed, 50)
    assert np.median(found[slow].at(seconds)) == pytest.approx(speed, rel=0.25)


def test_own_tempo_is_left_alone() -> None:
    walks = [walk(swing(0)), walk(at_speed(swing(1), 1.4)), walk(at_speed(swing(2), 0.75))]
    assert playback_speeds(walks, FLIP) == [REAL_TIME] * 3


def test_frame_rates_are_no_speeds() -> None:
    walks = [walk(swing(0), 30), walk(at_speed(swing(1), 0.25), 120)]
    assert playback_speeds(walks, FLIP) == [REAL_TIME] * 2


def test_a_ramp_is_found_where_it_is() -> None:
    speed = np.concatenate([np.ones(50), np.full(600, 1 / 8), np.ones(50)])
    first, second = playback_speeds([walk(swing(0)), walk(at_speed(swing(1), speed))], FLIP)
    assert first == REAL_TIME
    middle = second.at(np.arange(150, 550) / 30)
    assert np.median(middle) == pytest.approx(1 / 8, rel=0.3)
    assert second.at(20 / 30) > 0.5 and second.at(680 / 30) > 0.5


def test_frames_that_are_shown_four_times() -> None:
    walks = [walk(swing(0)), walk(np.repeat(swing(1), 4, axis=0))]
    second = playback_speeds(walks, FLIP)[1]
    assert np.median(second.at(np.linspace(0, 19, 50))) == pytest.approx(0.25, rel=0.25)


def test_a_mirrored_performer() -> None:
    mirrored = at_speed(swing(1), 0.25)[:, FLIP] * np.array([-1.0, 1.0])
    second = playback_speeds([walk(swing(0)), walk(mirrored)], FLIP)[1]
    assert np.median(second.at(np.linspace(0, 19, 50))) == pytest.approx(0.25, rel=0.25)


def test_of_several_most_are_in_real_time() -> None:
    walks = [walk(swing(k)) for k in range(3)]
    walks[1] = walk(at_speed(swing(1), 0.25))
    found = playback_speeds(walks, FLIP)
    assert found[0] == found[2] == REAL_TIME != found[1]
    # The slow one as the reference: two others tell that it is.
    slow, *others = playback_speeds([walks[1], walks[0], walks[2]], FLIP)
    assert np.median(slow.at(np.linspace(0, 19, 50))) == pytest.approx(0.25, rel=0.3)
    for other in others:
        assert np.median(other.at(np.linspace(0, 4, 50))) == pytest.approx(1, rel=0.3)


def test_what_hardly_moves_tells_nothing() -> None:
    still = np.repeat(swing()[:1], 100, axis=0)
    assert playback_speeds([walk(swing(0)), walk(still, noise=0)], FLIP) == [REAL_TIME] * 2


def test_levels_against_trying_all() -> None:
    rng = np.random.default_rng(0)
    slopes = np.concatenate([np.zeros(25), np.full(25, 2.0), np.zeros(25)])
    slopes += rng.normal(0, 0.3, len(slopes))
    costs = np.minimum(np.abs(slopes[:, None] - _LEVELS) / np.log(2), 1.5)
    sums = np.concatenate([np.zeros((1, len(_LEVELS))), np.cumsum(costs, axis=0)])
    best = np.inf
    for a in range(1, len(slopes)):
        for b in range(a + 1, len(slopes)):
            pieces = sums[a], sums[b] - sums[a], sums[-1] - sums[b]
            best = min(best, sum(float(one.min()) for one in pieces) + 2 * _CHANGE)
    levels = _piecewise(slopes)
    cost = np.minimum(np.abs(slopes - levels) / np.log(2), 1.5).sum()
    assert (np.diff(levels) != 0).sum() == 2
    assert cost + 2 * _CHANGE == pytest.approx(best)
