"""From 3D joints to pixels: through a pinhole camera, or orthographically."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

FILLED = 0.8
"""Share of the frame that :func:`fit_to_frame` fills."""


@dataclass(frozen=True)
class Intrinsics:
    """A pinhole camera without distortion.

    Attributes:
        focal: ``(fx, fy)`` in pixels.
        centre: ``(cx, cy)``, the principal point, in pixels.
        frame_size: ``(h, w)`` in pixels.
    """

    focal: tuple[float, float]
    centre: tuple[float, float]
    frame_size: tuple[int, int]

    def project(self, points: np.ndarray) -> np.ndarray:
        """Perspective projection.

        Args:
            points: ``(..., 3)`` in the camera's frame: x right, y down, z forward, of any unit.

        Returns:
            ``(..., 2)`` pixels; NaN for points that are not in front of the camera.
        """
        with np.errstate(invalid="ignore"):
            depth = np.where(points[..., 2:] > 0, points[..., 2:], np.nan)
            return points[..., :2] / depth * self.focal + self.centre

    def project_orthographic(self, points: np.ndarray, depth: float) -> np.ndarray:
        """Scaled orthographic projection: every point as if it were ``depth`` away.

        Args:
            points: ``(..., 3)`` as for :meth:`project`.
            depth: Above 0.

        Returns:
            ``(..., 2)`` pixels.
        """
        return points[..., :2] / depth * self.focal + self.centre


def fit_to_frame(
    points: np.ndarray, present: np.ndarray, frame_size: tuple[int, int]
) -> np.ndarray:
    """Orthographic projection without a camera: one scale and shift for the whole sequence.

    Args:
        points: ``(T, K, 2)`` x right and y down, of any unit.
        present: ``(T, K)`` bool: joints that count.
        frame_size: ``(h, w)`` in pixels.

    Returns:
        ``(T, K, 2)`` pixels; the box of the present joints lies in the middle of the frame and
        fills 0.8 of its narrower side.
    """
    if not present.any():
        return np.zeros_like(points)
    low, high = points[present].min(axis=0), points[present].max(axis=0)
    size = np.array([frame_size[1], frame_size[0]], dtype=np.float64)
    scale = FILLED * (size / np.maximum(high - low, 1e-9)).min()
    return (points - (low + high) / 2) * scale + (size - 1) / 2
