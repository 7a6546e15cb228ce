"""The medoid against paths that are followed one by one."""

from __future__ import annotations

import numpy as np
import pytest

from mmalign.functional import medoid as module
from mmalign.functional.dtw import dtw_means, dtw_path
from mmalign.functional.match_quality import frame_distances
from mmalign.functional.medoid import medoid, path_costs


def executions(number: int, dims: int = 10, seed: int = 0) -> list[np.ndarray]:
    """One curve at different tempos, each some way off; a few have one or two frames."""
    rng = np.random.default_rng(seed)
    clips = []
    for k in range(number):
        length = 1 + k if k < 2 else int(rng.integers(8, 30))
        time = np.linspace(0, 1, length)[:, None] ** rng.uniform(0.5, 2)
        curve = np.sin(6 * time + np.arange(dims)) + rng.normal(size=dims) * rng.uniform(0, 0.5)
        clips.append((curve + rng.normal(0, 0.1, curve.shape)).astype(np.float32))
    return clips


def slow_cost(first: np.ndarray, second: np.ndarray) -> float:
    distances = frame_distances(first, second)
    path = dtw_path(distances)
    return float(distances[path[:, 0], path[:, 1]].mean())


@pytest.mark.parametrize("dims", [2, 10])
def test_costs_are_those_of_the_paths(dims: int) -> None:
    clips = executions(9, dims)
    rows, columns = np.array([0, 1, 4, 8]), np.array([1, 0, 3, 5, 8])
    expected = [[slow_cost(clips[i], clips[j]) for j in columns] for i in rows]
    np.testing.assert_allclose(path_costs(clips, rows, columns), expected, atol=1e-6)


def test_means_of_tied_costs() -> None:
    costs = np.random.default_rng(0).integers(0, 3, (7, 9, 20)).astype(float)
    widths = np.random.default_rng(1).integers(1, 10, 20)
    expected = []
    for k, width in enumerate(widths):
        path = dtw_path(costs[:, :width, k])
        expected.append(costs[path[:, 0], path[:, 1], k].mean())
    np.testing.assert_allclose(dtw_means(costs, widths), expected, rtol=1e-12)


@pytest.mark.parametrize("number", [1, 2, 7, 40])
def test_it_is_the_one_with_the_least_mean_cost(number: int) -> None:
    clips = executions(number)
    costs = np.zeros((number, number))
    for i in range(number):
        for j in range(i):
            costs[i, j] = costs[j, i] = slow_cost(clips[i], clips[j])
    assert medoid(clips) == costs.sum(axis=1).argmin()


def test_of_many_a_good_one_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    clips = executions(70)
    exact = medoid(clips)
    for name, value in (("_EXACT", 20), ("_DRAWN", 16), ("_BEST", 16)):
        monkeypatch.setattr(module, name, value)
    found = medoid(clips)
    mean = path_costs(clips, np.arange(70), np.arange(70)).mean(axis=1)
    assert (mean <= mean[found]).sum() <= 3
    assert mean[found] <= 1.02 * mean[exact]
