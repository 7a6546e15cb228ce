"""A pinhole camera in the world of 3D poses."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np


@dataclass(frozen=True)
class Camera:
    """A pinhole camera in a world whose z axis points up.

    Attributes:
        azimuth: degrees about the upright axis, from the x axis towards the y axis.
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
        roll = np.deg2rad(self.roll)
        turn = np.array(
            [[np.cos(roll), -np.sin(roll), 0], [np.sin(roll), np.cos(roll), 0], [0, 0, 1]]
        )
        return turn @ level

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


def orbit(
    points: np.ndarray,
    azimuth: float,
    elevation: float,
    distance: float,
    roll: float = 0.0,
    image_size: tuple[int, int] = (720, 1280),
) -> Camera:
    """A camera on a sphere about points, which all fit into its image.

    Args:
        points: ``(N, 3)``, N at least 1, z up.
        azimuth: see :class:`Camera`.
        elevation: see there.
        distance: radius of the sphere in diagonals of the points' box, above 0.5.
        roll: see :class:`Camera`.
        image_size: height and width in pixels.

    Returns:
        The camera.
    """
    low, high = points.min(axis=0), points.max(axis=0)
    extent = max(float(np.linalg.norm(high - low)), 1e-9)
    # The box's circumscribed sphere, as large as it looks, touches the nearer edges.
    sine = 0.5 / distance
    focal = min(image_size) / 2 * np.sqrt(1 - sine**2) / sine
    x, y, z = ((low + high) / 2).tolist()
    return Camera(azimuth, elevation, distance * extent, roll, float(focal), (x, y, z), image_size)
