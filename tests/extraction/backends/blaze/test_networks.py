"""The squares that detections stand for."""

from __future__ import annotations

import numpy as np
import pytest

from mmalign.extraction.backends.blaze.networks import BODY, HAND, body_regions, hand_regions
from mmalign.extraction.backends.blaze.weights import WEIGHTS
from mmalign.skeletons import get_skeleton


def turned(points: np.ndarray, angle: float) -> np.ndarray:
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return points @ turn.T


def unpack(region: np.ndarray) -> tuple[np.ndarray, float, np.ndarray]:
    """Middle, side and unit vector up."""
    low, high, up = region.reshape(3, 2).astype(float)
    assert high[0] - low[0] == pytest.approx(high[1] - low[1], rel=1e-4)
    return (low + high) / 2, high[0] - low[0], up / np.linalg.norm(up)


def test_a_body_that_stands() -> None:
    # A box round the face, the hips, a point on the circle, and two that are not used.
    points = np.array([[[90, 10], [110, 30], [100, 100], [100, 20], [0, 0], [5, 5]]], float)
    middle, side, up = unpack(body_regions(points)[0])
    assert middle == pytest.approx([100, 100]) and side == pytest.approx(2.5 * 80)
    assert up == pytest.approx([0, -1])


def mediapipe_hand(points: np.ndarray) -> tuple[np.ndarray, float, float]:
    """Middle, side and angle as its calculators ``DetectionsToRects``, ``RectTransformation``."""
    (x0, y0), (x1, y1), wrist, _, knuckle = points[:5]
    width, height = x1 - x0, y1 - y0
    angle = np.pi / 2 - np.arctan2(-(knuckle[1] - wrist[1]), knuckle[0] - wrist[0])
    shift = -0.5
    x = (x0 + x1) / 2 - height * shift * np.sin(angle)
    y = (y0 + y1) / 2 + height * shift * np.cos(angle)
    return np.array([x, y]), 2.6 * max(width, height), angle


@pytest.mark.parametrize("seed", range(5))
def test_a_hand_is_where_mediapipe_has_it(seed: int) -> None:
    rng = np.random.default_rng(seed)
    box = np.sort(rng.uniform(0, 99, (2, 2)), axis=0)
    points = np.concatenate([box, rng.normal(50, 30, (7, 2))])
    middle, side, up = unpack(hand_regions(points[None])[0])
    wanted, wanted_side, angle = mediapipe_hand(points)
    assert middle == pytest.approx(wanted, rel=1e-4) and side == pytest.approx(wanted_side)
    assert up == pytest.approx([np.sin(angle), -np.cos(angle)], abs=1e-5)


@pytest.mark.parametrize("angle", [0.3, 1.5, 3.0, -2.0])
def test_squares_turn_with_the_person(angle: float) -> None:
    points = np.random.default_rng(1).normal(0, 50, (1, 6, 2))
    middle, side, up = unpack(body_regions(points)[0])
    found = unpack(body_regions(turned(points, angle))[0])
    assert found[0] == pytest.approx(turned(middle, angle), abs=1e-3)
    assert found[1] == pytest.approx(side)
    assert found[2] == pytest.approx(turned(up, angle), abs=1e-5)


def test_pairs_have_weights_and_a_skeleton() -> None:
    assert {name for pair in (BODY, HAND) for name in (pair.detector, pair.landmarks)} == {*WEIGHTS}
    assert [get_skeleton(pair.skeleton).num_joints for pair in (BODY, HAND)] == [33, 21]
