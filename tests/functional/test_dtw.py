"""The monotone path against a plain double loop."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmalign.errors import InputError
from mmalign.functional.dtw import dtw_path, dtw_paths


def loop_path(cost: np.ndarray) -> list[tuple[int, int]]:
    """Textbook dynamic programme with the same preference among equals."""
    rows, columns = cost.shape
    total = np.full((rows, columns), np.inf)
    origin: dict[tuple[int, int], tuple[int, int]] = {}
    for i in range(rows):
        for j in range(columns):
            if i == j == 0:
                total[i, j] = cost[i, j]
                continue
            best, source = np.inf, (0, 0)
            for before in ((i - 1, j - 1), (i - 1, j), (i, j - 1)):
                if min(before) >= 0 and total[before] < best:
                    best, source = total[before], before
            total[i, j] = cost[i, j] + best
            origin[i, j] = source
    path = [(rows - 1, columns - 1)]
    while path[-1] != (0, 0):
        path.append(origin[path[-1]])
    return path[::-1]


@given(st.integers(1, 9), st.integers(1, 9), st.integers(0, 2**32 - 1), st.booleans())
@settings(max_examples=80, deadline=None)
def test_matches_loop(rows: int, columns: int, seed: int, whole_numbers: bool) -> None:
    rng = np.random.default_rng(seed)
    cost = rng.integers(0, 3, (rows, columns)) if whole_numbers else rng.random((rows, columns))
    assert dtw_path(cost.astype(float)).tolist() == [list(step) for step in loop_path(cost)]


def test_batch_of_different_widths_equals_one_by_one() -> None:
    rng = np.random.default_rng(0)
    costs = [rng.random((7, columns)) for columns in (1, 4, 11, 7)]
    for together, cost in zip(dtw_paths(costs), costs, strict=True):
        assert together.tolist() == dtw_path(cost).tolist()


def test_follows_a_cheap_diagonal() -> None:
    path = dtw_path(1.0 - np.eye(5))
    assert path.tolist() == [[i, i] for i in range(5)]


@given(st.integers(1, 12), st.integers(1, 12), st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_path_is_monotone_and_complete(rows: int, columns: int, seed: int) -> None:
    path = dtw_path(np.random.default_rng(seed).random((rows, columns)))
    steps = np.diff(path, axis=0)
    assert path[0].tolist() == [0, 0] and path[-1].tolist() == [rows - 1, columns - 1]
    assert ((steps >= 0) & (steps <= 1)).all() and (steps.sum(axis=1) >= 1).all()


def test_no_matrix_gives_no_path() -> None:
    assert dtw_paths([]) == []


@pytest.mark.parametrize(
    ("costs", "found"),
    [
        ([np.zeros((0, 3))], "shape"),
        ([np.zeros((3, 2)), np.zeros((4, 2))], "shape"),
        ([np.array([[0.0, np.nan]])], "NaN"),
    ],
)
def test_bad_costs(costs: list[np.ndarray], found: str) -> None:
    with pytest.raises(InputError, match=found):
        dtw_paths(costs)
