"""Turned squares: what is cut out of a picture is put back where it was."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmalign.extraction.backends.blaze.regions import cut_out, square, to_picture, views

angles = st.floats(-np.pi, np.pi)


def region(x: float, y: float, side: float, angle: float, length: float = 1.0) -> np.ndarray:
    """A square whose up is turned clockwise by an angle from the picture's."""
    up = length * np.array([[np.sin(angle), -np.cos(angle)]])
    return square(np.array([[x, y]]), np.array([side]), up)[0]


def test_an_upright_square_is_its_box() -> None:
    places = np.array([[0, 0], [1, 0], [0, 1], [0.25, 0.75]], np.float32)
    found = to_picture(places, np.array([10, 20, 50, 60, 0, -3], np.float32))
    np.testing.assert_allclose(found, [[10, 20], [50, 20], [10, 60], [20, 50]])
    # Without a direction it is upright.
    lost = to_picture(places, np.array([10, 20, 50, 60, 0, 0], np.float32))
    np.testing.assert_allclose(lost, found)


def test_a_square_that_lies_on_its_right_side() -> None:
    found = to_picture(np.array([[0.5, 0], [1, 0.5]], np.float32), region(100, 50, 40, np.pi / 2))
    # Its upper edge is on the right, its right edge below.
    np.testing.assert_allclose(found, [[120, 50], [100, 70]], atol=1e-4)


@settings(deadline=None)
@given(angles, st.floats(20, 300), st.floats(0.01, 500))
def test_squares_keep_their_shape(angle: float, side: float, length: float) -> None:
    corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32)
    found = to_picture(corners, region(80, 90, side, angle, length))
    sides = np.roll(found, -1, axis=0) - found
    np.testing.assert_allclose(np.linalg.norm(sides, axis=1), side, rtol=1e-4)
    # Not mirrored: clockwise in a picture, whose y points down.
    cross = sides[:-1, 0] * sides[1:, 1] - sides[:-1, 1] * sides[1:, 0]
    np.testing.assert_allclose(cross, side**2, rtol=1e-3)
    np.testing.assert_allclose(found.mean(axis=0), [80, 90], atol=1e-3)


@pytest.mark.parametrize("angle", [0.0, 0.6, 2.0, -2.9])
def test_what_a_network_sees_at_a_place_is_in_the_picture_there(angle: float) -> None:
    turned, place = region(150, 100, 128, angle), np.array([0.75, 0.25], np.float32)
    picture = np.zeros((200, 300, 3), np.uint8)
    x, y = np.round(to_picture(place, turned)).astype(int)
    cv2.circle(picture, (int(x), int(y)), 4, (0, 0, 255), -1)
    crop = cut_out(picture, turned, 256, cv2.BORDER_CONSTANT)
    assert crop.shape == (256, 256, 3) and crop.dtype == np.float32
    assert crop.max() == 1 and crop[..., 1:].max() == 0  # red, the first channel of RGB
    rows, columns = np.nonzero(crop[..., 0] > 0.5)
    np.testing.assert_allclose([columns.mean(), rows.mean()], 256 * place, atol=2)


def test_what_lies_outside_the_picture_is_filled() -> None:
    picture, half_outside = np.full((50, 50, 3), 255, np.uint8), region(50, 25, 40, 0)
    dark = cut_out(picture, half_outside, 40, cv2.BORDER_CONSTANT)
    assert dark[:, :19].min() == 1 and dark[:, 21:].max() == 0
    assert cut_out(picture, half_outside, 40, cv2.BORDER_REPLICATE).min() == 1


@given(st.integers(10, 4000), st.integers(10, 4000))
def test_views_show_the_whole_picture(height: int, width: int) -> None:
    found = views(height, width)
    first, parts = found[0], found[1:]
    assert first[0] <= 0 and first[1] <= 0 and first[2] >= width and first[3] >= height
    np.testing.assert_allclose(found[:, 2] - found[:, 0], found[:, 3] - found[:, 1], rtol=1e-5)
    assert (found[:, 4:] == [0, -1]).all()
    assert (len(parts) > 0) == (width >= 1.5 * height)
    if len(parts):
        np.testing.assert_allclose(parts[:, [1, 3]], [[0, height]] * len(parts), atol=1e-3)
        assert parts[0, 0] == pytest.approx(0, abs=0.1)
        assert parts[-1, 2] == pytest.approx(width, rel=1e-5)
        shared = parts[:-1, 2] - parts[1:, 0]
        assert (shared >= 0.08 * height).all()
