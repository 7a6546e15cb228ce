"""Laying one performance over another: scale, shift and mirroring that bring the poses together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]


@dataclass(frozen=True)
class Placement:
    """Maps pixels of one video to those of another: ``scale * (±x, y) + shift``.

    Attributes:
        scale: Above 0.
        shift: ``(2,)`` pixels of the target.
        mirrored: Whether x is negated first.
    """

    scale: float
    shift: tuple[float, float]
    mirrored: bool = False

    def __call__(self, points: Array) -> Array:
        """Map points ``(..., 2)``."""
        return self.scale * points * self._signs + np.array(self.shift)

    @property
    def matrix(self) -> NDArray[np.float64]:
        """The same as an affine matrix ``(2, 3)``."""
        return np.column_stack([np.diag(self.scale * self._signs), self.shift])

    @property
    def _signs(self) -> NDArray[np.float64]:
        return np.array([-1.0 if self.mirrored else 1.0, 1.0])


def fit_placement(
    source: tuple[Array, Array], target: tuple[Array, Array], mirrored: bool = False
) -> Placement | None:
    """Least-squares scale and shift, without turning, of one pose sequence onto another.

    One placement for all frames: what moves in the source still moves.

    Args:
        source: keypoints ``(T, K, 2)`` and scores ``(T, K)``, left and right already exchanged
            where ``mirrored``.
        target: the same of the frames that they match.
        mirrored: whether the source is to be mirrored.

    Returns:
        The placement, or None if fewer than two joints are present in both.
    """
    present = (source[1] > 0) & (target[1] > 0)
    signs = np.array([-1.0 if mirrored else 1.0, 1.0])
    points = source[0][present].astype(np.float64) * signs
    goals = target[0][present].astype(np.float64)
    if len(points) < 2:
        return None
    centre, goal = points.mean(0), goals.mean(0)
    # The ratio of the spreads, not the regression's slope, which poses that differ would shrink.
    spread = np.sqrt(((points - centre) ** 2).sum())
    scale = np.sqrt(((goals - goal) ** 2).sum()) / spread if spread > 0 else 0.0
    if not scale > 0:
        return None
    shift = goal - scale * centre
    return Placement(float(scale), (float(shift[0]), float(shift[1])), mirrored)
