"""3D poses seen from another side than the camera's, without knowing the camera."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def oblique_view(
    points: NDArray[np.floating],
    keypoints: NDArray[np.floating],
    scores: NDArray[np.floating],
    turn: float = 50.0,
) -> NDArray[np.floating]:
    """Turn 3D poses about the upright axis and project them orthographically.

    Poses may be in the camera's frame (y down) or in the world's (z or y up): the axis that
    follows the image's y best over all joints is taken for the upright one, and of the other two
    the one that follows the image's x best for the sideways one.

    Args:
        points: ``(T, K, 3)`` metres.
        keypoints: ``(T, K, 2)`` pixels of the same joints.
        scores: ``(T, K)``, 0 = absent.
        turn: degrees.

    Returns:
        ``(T, K, 2)`` metres, x to the right and y down.
    """
    present = scores > 0
    solid, flat = points[present].astype(np.float64), keypoints[present].astype(np.float64)
    solid, flat = solid - solid.mean(0), flat - flat.mean(0)
    covariance = solid.T @ flat / (np.linalg.norm(solid, axis=0)[:, None] + 1e-9)
    down = _axis(covariance[:, 1])
    right = _axis(np.where(down != 0, 0.0, covariance[:, 0]))
    forward = np.cross(right, down)
    angle = np.radians(turn)
    sideways = np.cos(angle) * right + np.sin(angle) * forward
    return points @ np.stack([sideways, down], axis=1)


def _axis(weights: NDArray[np.floating]) -> NDArray[np.floating]:
    """The signed unit vector of the axis with the largest weight."""
    axis = np.zeros(3)
    best = int(np.abs(weights).argmax())
    axis[best] = 1.0 if weights[best] >= 0 else -1.0
    return axis
