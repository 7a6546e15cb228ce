"""Exchanged sides: against all possible sequences of states, and on motions that are known."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmalign.functional import sides
from mmalign.functional.sides import find_exchanged

ARMS, LEGS = [(0, 1), (2, 3)], [(4, 5)]
GROUPS = [ARMS, LEGS]


def walker(frames: int = 60, spin: float = 0.0, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Three pairs of joints, 40 pixels apart, that swing and wander; or turn, degrees a frame."""
    rng = np.random.default_rng(seed)
    t = np.arange(frames)
    half = 20 * np.cos(np.deg2rad(spin * t + 20))
    points = np.zeros((frames, 6, 2))
    for pair, height in enumerate((0, 40, 90)):
        for side, sign in enumerate((1, -1)):
            swing = 8 * np.sin(t / 4 + sign + pair)
            points[:, 2 * pair + side] = np.stack([t + sign * half, height + swing], axis=1)
    return points + rng.normal(0, 0.5, points.shape), np.ones((frames, 6))


def exchange(points: np.ndarray, scores: np.ndarray, truth: np.ndarray) -> tuple:
    swap = np.repeat(truth, [4, 2], axis=1)
    other = np.array([1, 0, 3, 2, 5, 4])
    return np.where(swap[..., None], points[:, other], points), np.where(
        swap, scores[:, other], scores
    )


def run(frames: int, *runs: tuple[int, int], parts: tuple[int, ...] = (0, 1)) -> np.ndarray:
    truth = np.zeros((frames, 2), dtype=bool)
    for start, end in runs:
        truth[start:end, parts] = True
    return truth


@pytest.mark.parametrize("parts", [(0, 1), (0,), (1,)])
@pytest.mark.parametrize("runs", [[], [(20, 30)], [(0, 6)], [(50, 60)], [(10, 11), (12, 13)]])
def test_what_was_exchanged_is_found(parts: tuple[int, ...], runs: list[tuple[int, int]]) -> None:
    points, scores = walker()
    truth = run(60, *runs, parts=parts)
    assert (find_exchanged(*exchange(points, scores, truth), GROUPS) == truth).all()


def test_most_frames_are_taken_to_be_right() -> None:
    points, scores = walker()
    truth = run(60, (0, 35))
    assert (find_exchanged(*exchange(points, scores, truth), GROUPS) == ~truth).all()


@pytest.mark.parametrize("spin", [3.0, 15.0, 25.0])
def test_who_turns_round_is_left_alone(spin: float) -> None:
    points, scores = walker(spin=spin)
    assert not find_exchanged(points, scores, GROUPS).any()


def test_absent_joints_do_not_hide_an_exchange() -> None:
    points, scores = walker()
    truth = run(60, (20, 40))
    points, scores = exchange(points, scores, truth)
    scores[17:24] = 0  # nobody there as it begins: the nearest frame counts
    scores[40, [0, 2, 4]] = 0  # one side alone as it ends
    found = find_exchanged(points, scores, GROUPS)
    seen = scores.any(axis=1)
    assert (found[seen] == truth[seen]).all()
    # What is absent has no place.
    points[scores == 0] = 1e5
    assert (find_exchanged(points, scores, GROUPS) == found).all()


def test_after_a_long_absence_all_stays_as_it_is() -> None:
    points, scores = walker()
    truth = run(60, (30, 60))
    scores[10 : 10 + sides.MAX_GAP + 20] = 0
    assert not find_exchanged(*exchange(points, scores, truth), GROUPS).any()


@pytest.mark.parametrize("frames", [1, 2, 3])
def test_short_and_empty_sequences(frames: int) -> None:
    points, scores = walker(frames)
    assert not find_exchanged(points, scores, GROUPS).any()
    assert find_exchanged(points, 0 * scores, GROUPS).shape == (frames, 2)


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 1000), st.floats(0.1, 20), st.floats(-500, 500))
def test_neither_size_nor_place_nor_direction_of_time_matters(
    seed: int, scale: float, shift: float
) -> None:
    points, scores = walker(40, seed=seed)
    rng = np.random.default_rng(seed)
    start, length = rng.integers(1, 20), rng.integers(1, 15)
    points, scores = exchange(points, scores, run(40, (start, start + length)))
    found = find_exchanged(points, scores, GROUPS)
    assert (find_exchanged(points * scale + shift, scores, GROUPS) == found).all()
    assert (find_exchanged(points[::-1], scores, GROUPS)[::-1] == found).all()


def test_the_states_are_the_cheapest_of_all() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        cost, start = rng.normal(size=(5, 3, 3, 3)), rng.normal(size=3)

        def total(path: tuple[int, ...], cost=cost, start=start) -> float:
            way = start[path[0]] + cost[1, 0, path[0], path[1]]
            return way + sum(cost[t, path[t - 2], path[t - 1], path[t]] for t in range(2, 5))

        best = min(product(range(3), repeat=5), key=total)
        assert tuple(sides._cheapest(cost, start)) == best
