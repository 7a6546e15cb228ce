"""Cameras that stand round points."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmalign.functional.camera import Camera, orbit


def by_hand(camera, point):
    """A point through a camera without roll, by its distances along the three directions."""
    azimuth, elevation = np.deg2rad([camera.azimuth, camera.elevation])
    level = np.array([np.cos(azimuth), np.sin(azimuth), 0])
    outward = np.cos(elevation) * level + np.sin(elevation) * np.array([0, 0, 1])
    right = np.array([-np.sin(azimuth), np.cos(azimuth), 0])
    up = np.cross(outward, right)
    seen = np.array(point) - camera.target
    depth = camera.distance - seen @ outward
    height, width = camera.image_size
    return (
        width / 2 + camera.focal * (seen @ right) / depth,
        height / 2 - camera.focal * (seen @ up) / depth,
    )


def test_what_is_above_is_up_and_what_is_at_the_left_of_a_figure_is_at_the_right_of_its_picture():
    # The figure looks along x, its left is y; the camera stands before it.
    camera = Camera(0.0, 0.0, 4.0, 0.0, 100.0, (0.0, 0.0, 1.0), (200, 300))
    pixels, depth = camera.project(np.array([[0, 0, 1], [0, 1, 1], [0, 0, 2], [1, 0, 1.0]]))
    np.testing.assert_allclose(pixels[0], [150, 100])
    np.testing.assert_allclose(pixels[1], [175, 100])
    np.testing.assert_allclose(pixels[2], [150, 75])
    np.testing.assert_allclose(depth, [4, 4, 4, 3])


@settings(max_examples=50, deadline=None)
@given(azimuth=st.floats(-180, 180), elevation=st.floats(-80, 80), seed=st.integers(0, 1000))
def test_projection_is_the_one_by_hand(azimuth, elevation, seed):
    points = np.random.default_rng(seed).normal(size=(6, 3))
    camera = orbit(points, azimuth, elevation, 3.0)
    pixels, _ = camera.project(points)
    np.testing.assert_allclose(pixels, [by_hand(camera, p) for p in points], atol=1e-6)


@settings(max_examples=50, deadline=None)
@given(
    azimuth=st.floats(-180, 180),
    elevation=st.floats(-90, 90),
    distance=st.floats(0.55, 10),
    roll=st.floats(-180, 180),
    seed=st.integers(0, 1000),
)
def test_all_points_are_in_the_picture(azimuth, elevation, distance, roll, seed):
    points = np.random.default_rng(seed).normal(size=(8, 3)) * [0.5, 0.5, 2]
    camera = orbit(points, azimuth, elevation, distance, roll, (90, 120))
    pixels, depth = camera.project(points)
    assert depth.min() > 0
    assert (pixels > [15 - 1e-6, -1e-6]).all() and (pixels < [105 + 1e-6, 90 + 1e-6]).all()


def test_a_single_point_is_in_the_middle():
    pixels, _ = orbit(np.ones((1, 3)), 30, 10, 2.0).project(np.ones((1, 3)))
    assert pixels[0] == pytest.approx([640, 360])
