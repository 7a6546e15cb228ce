"""Refinement by heatmaps, and poses of one person found twice."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmalign.extraction.backends.blaze.landmarks import distinct, refine


def slow_refinement(places: np.ndarray, logits: np.ndarray) -> np.ndarray:
    """As MediaPipe's ``RefineLandmarksFromHeatmapCalculator`` goes through the cells."""
    height, width, count = logits.shape
    found = places.astype(float).copy()
    for k in range(count):
        column, row = int(np.floor(places[k, 0] * width)), int(np.floor(places[k, 1] * height))
        if not (0 <= column < width and 0 <= row < height):
            continue
        total = x = y = most = 0.0
        for r in range(max(0, row - 3), min(height, row + 4)):
            for c in range(max(0, column - 3), min(width, column + 4)):
                mass = 1 / (1 + np.exp(-float(logits[r, c, k])))
                total, most = total + mass, max(most, mass)
                x, y = x + c * mass, y + r * mass
        if most >= 0.5 and total > 0:
            found[k] = x / total / width, y / total / height
    return found


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 2**31), st.floats(-6, 3))
def test_refinement_is_that_of_the_definition(seed: int, level: float) -> None:
    rng = np.random.default_rng(seed)
    logits = rng.normal(level, 3, (16, 12, 9)).astype(np.float32)
    places = rng.uniform(-0.2, 1.2, (9, 2)).astype(np.float32)
    found = refine(places, logits)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, slow_refinement(places, logits), atol=1e-4)


def test_a_peak_attracts_the_landmark_and_a_flat_map_leaves_it() -> None:
    logits = np.full((64, 64, 2), -30, np.float32)
    logits[20, 33, 0] = 10
    places = np.array([[0.5, 0.3], [0.5, 0.3]], np.float32)
    found = refine(places, logits)
    np.testing.assert_allclose(found[0], [33 / 64, 20 / 64], atol=1e-4)
    assert (found[1] == places[1]).all()


def pose(x: float, y: float, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0, 50, (33, 2)) + [x, y]


def test_one_who_is_found_twice_is_kept_once() -> None:
    upside_down = 2 * pose(0, 0).mean(axis=0) - pose(0, 0)
    people = np.stack([pose(0, 0), pose(3, 2, 1), pose(80, 0), upside_down, pose(83, 1)])
    assert distinct(people, 0.5) == [0, 2]
    assert distinct(people[::-1], 0.5) == [0, 1]


@pytest.mark.parametrize("count", [0, 1])
def test_nobody_and_one(count: int) -> None:
    assert distinct(np.zeros((count, 33, 3)), 0.5) == list(range(count))
