"""Cameras that see a toy figure."""

from __future__ import annotations

import numpy as np

from mmalign.functional.camera import Camera
from mmalign.toy.kinematics import Figure
from mmalign.toy.performer import banded

AZIMUTH = (-80.0, 80.0)
"""Degrees to either side of a figure's front; training and validation take turns in its bands."""


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
