"""The open path against every path there is, and its ends."""

from __future__ import annotations

from itertools import combinations_with_replacement

import numpy as np
import pytest

from mmalign.functional.open_path import open_path


def cost_of(rows: tuple[int, ...], distances: np.ndarray, allowance: float) -> float:
    """The definition, counted step by step."""
    count = len(distances)
    total = sum(distances[row, column] for column, row in enumerate(rows))
    total += 0.3 * allowance * (rows[0] + count - 1 - rows[-1])
    for a, b in zip(rows, rows[1:], strict=False):
        total += 0.6 * allowance if a == b else 0.3 * allowance * (b - a - 1)
    return total


@pytest.mark.parametrize("seed", range(20))
def test_is_the_cheapest_of_all_paths(seed):
    rng = np.random.default_rng(seed)
    rows, columns = rng.integers(1, 6, 2)
    distances, allowance = rng.random((rows, columns)), rng.uniform(0.05, 2)
    path = open_path(distances, allowance)
    assert path[:, 1].tolist() == list(range(columns))
    every = [
        cost_of(one, distances, allowance)
        for one in combinations_with_replacement(range(rows), columns)
    ]
    assert cost_of(tuple(path[:, 0]), distances, allowance) == pytest.approx(min(every))


def test_a_part_is_matched_to_its_part():
    reference = np.linspace(0, 1, 40)
    distances = np.abs(reference[:, None] - reference[None, 15:30])
    np.testing.assert_array_equal(open_path(distances, 0.2)[:, 0], np.arange(15, 30))


def test_idle_frames_stay_at_the_ends():
    reference = np.linspace(0, 1, 20)
    other = np.concatenate([np.zeros(8), reference, np.ones(8)])
    rows = open_path(np.abs(reference[:, None] - other), 0.2)[:, 0]
    assert rows[:8].tolist() == [0] * 8
    assert rows[8:28].tolist() == list(range(20))
    assert rows[28:].tolist() == [19] * 8
