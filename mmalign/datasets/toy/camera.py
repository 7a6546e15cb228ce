"""The perspective camera of the toy data."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mmalign.datasets.toy.kinematics import Figure, rotation
from mmalign.datasets.toy.performer import banded

AZIMUTH = (-80.0, 80.0)
"""Degrees to either side of a figure's front; training and validation take turns in its bands."""


@dataclass(frozen=True)
class Camera:
    """A pinhole camera.

    Attributes:
        azimuth: degrees from the figure's front.
        elevation: degrees above the horizontal.
        distance: metres to the point it looks at.
        roll: degrees about the viewing direction.
        focal: focal length in pixels.
        target: the point it looks at, ``(3,)`` metres.
        image_size: height and width in pixels.
    """

    azimuth: float
    elevation: float
    distance: float
    roll: float
    focal: float
    target: tuple[float, float, float]
    image_size: tuple[int, int]

    @cached_property
    def axes(self) -> np.ndarray:
        """``(3, 3)``: right, down and forward of the image in the world, one a row."""
        azimuth, elevation = np.deg2rad([self.azimuth, self.elevation])
        outward = np.array(
            [
                np.cos(elevation) * np.cos(azimuth),
                np.cos(elevation) * np.sin(azimuth),
                np.sin(elevation),
            ]
        )
        right = np.array([-np.sin(azimuth), np.cos(azimuth), 0.0])
        level = np.stack([right, np.cross(right, outward), -outward])
        return rotation("z", np.array([self.roll]))[0] @ level

    @cached_property
    def position(self) -> np.ndarray:
        """``(3,)`` metres."""
        return np.array(self.target) - self.distance * self.axes[2]

    def project(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Project points of the world.

        Args:
            points: ``(..., 3)`` metres.

        Returns:
            ``(..., 2)`` pixels (x right, y down) and ``(...)`` depths in metres.
        """
        local = (points - self.position) @ self.axes.T
        height, width = self.image_size
        pixels = self.focal * local[..., :2] / local[..., 2:] + np.array([width, height]) / 2
        return pixels, local[..., 2]


def draw_camera(
    rng: np.random.Generator, figure: Figure, split: str, image_size: tuple[int, int]
) -> Camera:
    """Draw a camera that sees a figure.

    Args:
        rng: source of randomness.
        figure: what it looks at.
        split: ``train`` or ``val``; the two have no azimuth in common.
        image_size: height and width in pixels.

    Returns:
        The camera.
    """
    height, width = image_size
    focal = float(rng.uniform(1.3, 2.2)) * height
    share = float(rng.uniform(0.72, 0.9)) * min(height, width) / height
    jitter = rng.uniform(-0.04, 0.04, size=3) * figure.height
    x, y, z = (np.array(figure.centre) + jitter).tolist()
    return Camera(
        azimuth=figure.front + banded(rng, *AZIMUTH, split),
        elevation=float(rng.uniform(*figure.elevation)),
        distance=focal * figure.height / (share * height),
        roll=float(rng.uniform(-5, 5)),
        focal=focal,
        target=(x, y, z),
        image_size=image_size,
    )
