"""Walks of equal steps through poses."""

from __future__ import annotations

import numpy as np
import pytest

from mmalign.functional.pose import interpolate_frames
from mmalign.functional.pose_walk import _STEP, PoseWalk, _steps, pose_walk, poses_at


def movement(frames: int = 120) -> np.ndarray:
    """``(T, 5, 2)``: five joints that swing about each other, each at its own pace."""
    time = np.linspace(0, 1, frames)[:, None]
    angle = np.pi * (0.4 * np.arange(5) + time * np.array([1.0, 2.0, 0.5, 3.0, 1.5]))
    radius = np.array([40.0, 60.0, 80.0, 50.0, 70.0])[None, :, None]
    return 300 + radius * np.stack([np.cos(angle), np.sin(angle)], axis=-1)


def walk(points: np.ndarray, fps: float = 30.0, most: int = 1000) -> PoseWalk:
    return pose_walk(points, np.ones(points.shape[:2]), fps, most)


def slow_steps(poses: np.ndarray) -> list[float]:
    """Obvious and slow: creep along the track, and note where it is a step further."""
    times, place = [0.0], poses[0]
    grid = np.arange(0, len(poses) - 1 + 1e-9, 1e-3)
    for time, now in zip(grid, interpolate_frames(poses, grid), strict=True):
        if np.linalg.norm(now - place) >= _STEP:
            times.append(time)
            place = now
    return times


def test_steps_against_a_slow_reference() -> None:
    track = np.cumsum(np.random.default_rng(0).normal(0, 0.02, (80, 4)), axis=0)
    assert _steps(track, 1000) == pytest.approx(slow_steps(track), abs=0.03)


def test_several_steps_between_two_frames() -> None:
    track = np.array([[0.0], [2.5 * _STEP], [2.5 * _STEP]])
    assert _steps(track, 1000) == pytest.approx([0, 0.4, 0.8])


def test_a_glitch_is_one_step() -> None:
    assert len(_steps(np.array([[0.0], [30 * _STEP], [30 * _STEP]]), 1000)) == 2


def test_no_more_steps_than_asked_for() -> None:
    assert len(walk(movement(), most=7).durations) == 7


def test_slow_motion_has_the_same_steps_each_longer() -> None:
    real, slow = walk(movement(120)), walk(movement(477))  # A quarter of the speed.
    assert len(slow.durations) == pytest.approx(len(real.durations), abs=2)
    assert np.median(slow.durations) == pytest.approx(4 * np.median(real.durations), rel=0.1)


def test_standing_still_is_one_step() -> None:
    moved = movement(60)
    stood = np.concatenate([moved[:30], np.repeat(moved[29:30], 200, axis=0), moved[30:]])
    assert len(walk(stood).durations) == pytest.approx(len(walk(moved).durations), abs=2)
    assert walk(stood).durations.max() > 5


def test_place_and_size_of_the_body_do_not_matter() -> None:
    one, other = walk(movement()), walk(5 * movement() - 900)
    assert one.times == pytest.approx(other.times)


def test_absent_joints_are_interpolated() -> None:
    points, scores = movement(), np.ones((120, 5))
    scores[10:20, 1] = 0
    points[10:20, 1] = 1e6
    scores[:, 4] = 0
    found = pose_walk(points, scores, 30, 1000)
    assert np.abs(found.poses).max() < 5 and not found.poses[:, 4].any()


def test_poses_between_frames() -> None:
    poses = np.arange(6, dtype=float).reshape(3, 1, 2)
    assert poses_at(poses, np.array([0, 0.5, 2]))[:, 0, 0].tolist() == [0, 1, 4]
