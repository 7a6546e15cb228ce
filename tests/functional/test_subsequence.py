"""Subsequence DTW against a slow, obvious reference."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmalign.functional import subsequence
from mmalign.functional.subsequence import (
    _MIN_OTHER,
    _MIN_REFERENCE,
    _STEP_PENALTY,
    ABOVE,
    DIAGONAL,
    LEFT,
    START,
    _schedule,
    find_occurrences,
)


def slow_best(distances: np.ndarray, allowance: float) -> float:
    """The most that a path from border to border collects, cell by cell, over all its starts."""
    rows, columns = distances.shape
    best = -np.inf
    for start in itertools.product(range(rows), range(columns)):
        if 0 not in start:
            continue
        total = np.full((rows, columns), -np.inf)
        for i in range(start[0], rows):
            for j in range(start[1], columns):
                gain = allowance - distances[i, j]
                reach = [2 * gain if (i, j) == start else -np.inf]
                if i > start[0] and j > start[1]:
                    reach.append(total[i - 1, j - 1] + 2 * gain)
                for di, dj in ((1, 0), (0, 1)):
                    if i - di >= start[0] and j - dj >= start[1]:
                        reach.append(total[i - di, j - dj] + gain - _STEP_PENALTY * allowance)
                total[i, j] = max(reach)
                if i == rows - 1 or j == columns - 1:
                    spans = i - start[0] + 1, j - start[1] + 1
                    if spans[0] >= _MIN_REFERENCE * rows or spans[1] >= _MIN_OTHER * columns:
                        best = max(best, total[i, j])
    return best


def slow_table(distances: np.ndarray, allowance: float) -> tuple[np.ndarray, ...]:
    """Steps, scores and first cells, cell by cell; the first among equals wins."""
    rows, columns = distances.shape
    steps = np.zeros((rows, columns), dtype=int)
    scores, starts = np.zeros((rows, columns)), np.zeros((rows, columns, 2), dtype=int)
    gains = allowance - distances
    singles = (gains - _STEP_PENALTY * allowance).tolist()
    for i, j in itertools.product(range(rows), range(columns)):
        gain, single = float(gains[i, j]), singles[i][j]
        reach = [(2 * gain, START, (i, j))] if 0 in (i, j) else []
        for step, row, column, more in (
            (DIAGONAL, i - 1, j - 1, 2 * gain),
            (ABOVE, i - 1, j, single),
            (LEFT, i, j - 1, single),
        ):
            if min(row, column) >= 0:
                reach.append((scores[row, column] + more, step, starts[row, column]))
        scores[i, j], steps[i, j], starts[i, j] = max(reach, key=lambda one: one[0])
    return steps, scores, starts


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 12),
    st.integers(1, 12),
    st.integers(0, 10_000),
    st.booleans(),
    st.sampled_from([1, 30, 16_384]),
)
def test_table_equals_that_of_a_plain_loop(
    rows: int, columns: int, seed: int, tied: bool, cells: int
) -> None:
    rng = np.random.default_rng(seed)
    distances = rng.uniform(0, 1.5, (rows, columns)).astype(np.float32)
    if tied:
        distances = np.rint(4 * distances) / 4
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(subsequence, "_CELLS", cells)
        table = subsequence._fill(distances, 0.625)
    steps, scores, starts = slow_table(distances, 0.625)
    assert table.steps.tolist() == steps.tolist()
    assert table.row_scores.tolist() == scores[-1].tolist()
    assert table.column_scores.tolist() == scores[:, -1].tolist()
    assert table.row_starts.tolist() == starts[-1].tolist()
    assert table.column_starts.tolist() == starts[:, -1].tolist()


def collected(path: np.ndarray, distances: np.ndarray, allowance: float) -> float:
    gains = allowance - distances[path[:, 0], path[:, 1]]
    diagonal = np.append(True, np.diff(path, axis=0).all(axis=1))
    return float(np.where(diagonal, 2 * gains, gains - _STEP_PENALTY * allowance).sum())


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 6), st.integers(1, 7), st.integers(0, 10_000))
def test_best_path_is_a_path_and_none_collects_more(rows: int, columns: int, seed: int) -> None:
    # Small distances: the best path of all covers enough, so that no end is left out.
    distances = np.random.default_rng(seed).uniform(0, 0.9, (rows, columns))
    _, best = find_occurrences(distances, 1.0)
    steps = np.diff(best.path, axis=0)
    assert ((steps >= 0) & (steps <= 1)).all() and steps.any(axis=1).all()
    assert 0 in best.path[0]
    assert best.path[-1, 0] == rows - 1 or best.path[-1, 1] == columns - 1
    assert best.score == pytest.approx(collected(best.path, distances, 1.0))
    assert best.score == pytest.approx(slow_best(distances, 1.0))


def planted(lengths: list[int], gaps: list[int], rows: int = 20) -> tuple[np.ndarray, list]:
    """Distances 1 with diagonals of 0: executions of given lengths with gaps before each."""
    columns = sum(lengths) + sum(gaps)
    distances, truth, at = np.ones((rows, columns)), [], 0
    for length, gap in zip(lengths, gaps, strict=False):
        at += gap
        distances[np.linspace(0, rows - 1, length).round().astype(int), at + np.arange(length)] = 0
        truth.append((at, at + length))
        at += length
    return distances, truth


@pytest.mark.parametrize("lengths", [[20], [20, 20], [14, 20, 33], [20] * 6])
def test_finds_every_execution_at_any_tempo(lengths: list[int]) -> None:
    distances, truth = planted(lengths, [9] * (len(lengths) + 1))
    found, best = find_occurrences(distances, 0.4)
    spans = [(int(f.path[0, 1]), int(f.path[-1, 1]) + 1) for f in found]
    assert len(spans) == len(truth)
    assert np.abs(np.array(spans) - truth).max() <= 2
    assert best.score == pytest.approx(max(one.score for one in found))


def test_executions_cut_by_the_ends_are_found() -> None:
    distances, _ = planted([20, 20, 20], [0, 5, 5, 0])
    cut = distances[:, 10:-8]
    found, _ = find_occurrences(cut, 0.4)
    assert [f.path[0].tolist() for f in found][0] == [10, 0]
    assert found[-1].path[-1].tolist() == [11, cut.shape[1] - 1]
    assert len(found) == 3


def test_half_an_execution_counts_only_where_there_is_no_whole_one() -> None:
    distances, truth = planted([20, 20, 20], [9, 9, 9, 9])
    half = truth[1][0]
    # Something else that ends alike: the first eight frames do not fit, but are passed.
    distances[np.arange(8), half + np.arange(8)] = 0.6
    found, _ = find_occurrences(distances, 0.4)
    assert len(found) == 2 and found[1].path[0, 1] > truth[1][1]
    alone, _ = find_occurrences(distances[:, truth[0][1] : truth[2][0]], 0.4)
    assert len(alone) == 1


def test_nothing_is_found_where_nothing_fits() -> None:
    found, best = find_occurrences(np.ones((20, 60)), 0.4)
    assert found == []
    assert len(best.path)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 5), st.integers(-3, 9)), max_size=8))
def test_schedule_takes_the_best_disjoint_intervals(raw: list[tuple[int, int, int]]) -> None:
    starts = np.array([a for a, _, _ in raw], dtype=int)
    ends = starts + np.array([length for _, length, _ in raw], dtype=int)
    values = np.array([v for _, _, v in raw], dtype=float)
    chosen = _schedule(starts, ends, values)
    assert (starts[chosen][1:] > ends[chosen][:-1]).all()
    best = 0.0
    for size in range(1, len(raw) + 1):
        for subset in itertools.combinations(range(len(raw)), size):
            inner = sorted(subset, key=lambda k: ends[k])
            pairs = zip(inner, inner[1:], strict=False)
            if all(starts[b] > ends[a] for a, b in pairs):
                best = max(best, values[list(subset)].sum())
    assert values[chosen].sum() == pytest.approx(best)
