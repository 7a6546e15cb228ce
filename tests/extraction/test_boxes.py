"""Boxes between detections."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmalign.extraction.boxes import boxes_between, overlap

corner = st.floats(0, 100, width=32)
box = st.tuples(corner, corner, st.floats(1, 50, width=32), st.floats(1, 50, width=32)).map(
    lambda b: (b[0], b[1], b[0] + b[2], b[1] + b[3])
)
boxes = st.lists(box, max_size=5).map(lambda rows: np.array(rows, np.float32).reshape(-1, 4))


@settings(deadline=None)
@given(boxes, boxes)
def test_overlap_is_that_of_the_definition(first: np.ndarray, second: np.ndarray) -> None:
    slow = np.zeros((len(first), len(second)))
    for i, a in enumerate(first.astype(float)):
        for j, b in enumerate(second.astype(float)):
            width = min(a[2], b[2]) - max(a[0], b[0])
            height = min(a[3], b[3]) - max(a[1], b[1])
            common = max(width, 0) * max(height, 0)
            areas = [(c[2] - c[0]) * (c[3] - c[1]) for c in (a, b)]
            slow[i, j] = common / (sum(areas) - common)
    assert overlap(first, second) == pytest.approx(slow, abs=1e-4)


def test_two_who_walk_on_and_are_listed_the_other_way_round() -> None:
    first = np.array([[0, 0, 10, 20], [50, 0, 60, 20]], np.float32)
    second = np.array([[54, 4, 64, 24], [4, 0, 14, 20]], np.float32)
    for step, found in enumerate(boxes_between(first, second, 3), start=1):
        assert found == pytest.approx(first + [[step, 0, step, 0], [step, step, step, step]])


def test_who_leaves_or_enters_is_kept_for_the_nearer_half() -> None:
    stays = np.array([[0, 0, 10, 20]], np.float32)
    leaves, enters = stays + 100, stays + 300
    found = boxes_between(np.concatenate([leaves, stays]), np.concatenate([stays, enters]), 4)
    for boxes_there, alone in zip(found, [leaves, leaves, enters, enters], strict=True):
        assert boxes_there == pytest.approx(np.concatenate([stays, alone]))


@settings(deadline=None)
@given(boxes, boxes, st.integers(0, 6))
def test_nobody_is_doubled(first: np.ndarray, second: np.ndarray, count: int) -> None:
    found = boxes_between(first, second, count)
    assert len(found) == count
    for step in found:
        assert step.dtype == np.float32 and np.isfinite(step).all()
        assert len(step) in (len(first), len(second))


def test_what_else_is_said_of_a_box_moves_along() -> None:
    first = np.array([[0, 0, 10, 20, 1, 0], [50, 0, 60, 20, 0, 8]], np.float32)
    second = np.array([[52, 0, 62, 20, 4, 8], [0, 0, 10, 20, 1, 4]], np.float32)
    assert overlap(first, second) == pytest.approx(overlap(first[:, :4], second[:, :4]))
    (found,) = boxes_between(first, second, 1)
    assert found == pytest.approx(np.float32([[0, 0, 10, 20, 1, 2], [51, 0, 61, 20, 2, 8]]))
