"""Anchors, boxes and suppression against slow references."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmalign.extraction.backends.blaze.detections import anchors, average_overlapping, decode


def slow_anchors(size: int, strides: list[int]) -> list[tuple[float, float]]:
    """As MediaPipe's ``SsdAnchorsCalculator`` goes through layers, rows, columns and anchors."""
    found, layer = [], 0
    while layer < len(strides):
        last = layer
        while last < len(strides) and strides[last] == strides[layer]:
            last += 1
        cells = -(-size // strides[layer])
        for y in range(cells):
            for x in range(cells):
                # Of each layer one of the cell's shape, and one of a size between two layers'.
                for _ in range(2 * (last - layer)):
                    found.append(((x + 0.5) / cells, (y + 0.5) / cells))
        layer = last
    return found


@pytest.mark.parametrize(
    ("size", "strides", "count"),
    [(224, [8, 16, 32, 32, 32], 2254), (192, [8, 16, 16, 16], 2016), (64, [16, 16, 8], 192)],
)
def test_anchors(size: int, strides: list[int], count: int) -> None:
    found = anchors(size, strides)
    assert found.shape == (count, 2) and found.dtype == np.float32
    np.testing.assert_allclose(found, slow_anchors(size, strides), rtol=1e-6)


def test_decoding_is_that_of_the_definition() -> None:
    rng = np.random.default_rng(0)
    raw, middles = rng.normal(0, 50, (7, 12)).astype(np.float32), rng.random((7, 2))
    found = decode(raw, middles.astype(np.float32), 200)
    for row, (x, y), points in zip(raw, middles, found, strict=True):
        cx, cy, w, h = row[0] / 200 + x, row[1] / 200 + y, row[2] / 200, row[3] / 200
        wanted = [(cx - w / 2, cy - h / 2), (cx + w / 2, cy + h / 2)]
        wanted += [(row[i] / 200 + x, row[i + 1] / 200 + y) for i in range(4, 12, 2)]
        np.testing.assert_allclose(points, wanted, atol=1e-5)
    assert decode(raw[:0], np.zeros((0, 2), np.float32), 200).shape == (0, 6, 2)


box = st.tuples(*[st.floats(0, 10, width=32)] * 2, *[st.floats(0.5, 5, width=32)] * 2)
detections = st.lists(st.tuples(box, st.floats(0.0625, 1, width=32)), max_size=8)


def slow_suppression(points: np.ndarray, scores: np.ndarray, least: float) -> list:
    left, found = sorted(range(len(scores)), key=lambda i: -scores[i]), []
    while left:
        best = points[left[0]].astype(float)
        same = []
        for i in left:
            low = np.maximum(best[0], points[i, 0])
            high = np.minimum(best[1], points[i, 1])
            common = np.prod(np.maximum(high - low, 0))
            areas = [np.prod(p[1].astype(float) - p[0]) for p in (best, points[i])]
            if i == left[0] or common / (sum(areas) - common) > least:
                same.append(i)
        total = sum(scores[i] for i in same)
        found.append((sum(scores[i] * points[i] for i in same) / total, scores[left[0]]))
        left = [i for i in left if i not in same]
    return found


@settings(deadline=None)
@given(detections, st.sampled_from([0.1, 0.3, 0.7]))
def test_overlapping_detections_become_their_mean(rows: list, least: float) -> None:
    corners = np.array([b for b, _ in rows], np.float32).reshape(-1, 2, 2)
    corners[:, 1] += corners[:, 0]
    keypoints = np.arange(4 * len(rows), dtype=np.float32).reshape(-1, 2, 2)
    points = np.concatenate([corners, keypoints], axis=1)
    scores = np.array([s for _, s in rows], np.float32)
    averaged, best = average_overlapping(points, scores, least)
    wanted = slow_suppression(points, scores, least)
    assert averaged.shape == (len(wanted), 4, 2) and averaged.dtype == np.float32
    assert list(best) == [score for _, score in wanted] == sorted(best, reverse=True)
    for one, (points_wanted, _) in zip(averaged, wanted, strict=True):
        np.testing.assert_allclose(one, points_wanted, rtol=1e-4, atol=1e-4)


def test_an_empty_box_is_kept_and_ends_the_loop() -> None:
    flat = np.ones((1, 2, 2), np.float32)
    averaged, best = average_overlapping(flat, np.array([0.5], np.float32), 0.3)
    assert (averaged == flat).all() and best == [0.5]
