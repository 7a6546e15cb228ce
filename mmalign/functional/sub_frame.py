"""Positions along a path, finer than a frame."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter1d

_TINY = 1e-12


def sub_frame(positions: np.ndarray, distances: np.ndarray, sigma: float) -> np.ndarray:
    """Move positions to where the squared distance is least between the rows.

    Between neighbouring frames embeddings move nearly straight, so that the squared distance to a
    column is a parabola in the row. Its minima are smoothed over time, each weighted by how sharp
    it is: where both stand still there is nothing to read off.

    Args:
        positions: ``(M,)`` rows that never fall, fractional, of consecutive columns.
        distances: ``(N, M)``, N at least 3.
        sigma: Standard deviation of the smoothing, in columns.

    Returns:
        float64 ``(M,)`` in [0, N - 1], never falling, at most a row away from where they were.
    """
    last = len(distances) - 1
    rows = np.clip(np.rint(positions).astype(np.intp), 1, last - 1)
    near = [distances[rows + k, np.arange(len(rows))].astype(np.float64) ** 2 for k in (-1, 0, 1)]
    curvature = near[0] - 2 * near[1] + near[2]
    sharpness = np.maximum(curvature, 0)
    moved = rows + np.clip((near[0] - near[2]) / 2 / np.maximum(sharpness, _TINY), -1, 1)
    change, weight = gaussian_filter1d(
        [(moved - positions) * sharpness, sharpness], sigma, mode="nearest"
    )
    scale = sharpness.mean() * 1e-3 + _TINY
    moved = positions + np.clip(change / (weight + scale), -1, 1)
    return np.maximum.accumulate(np.clip(moved, 0, last))
