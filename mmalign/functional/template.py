"""A time that several executions of one activity share, found without labels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.ndimage import gaussian_filter1d

from mmalign.functional.dtw import dtw_paths
from mmalign.functional.match_quality import frame_distances
from mmalign.functional.pose import interpolate_frames

# The least speed of the common time relative to its mean: it never stands still.
_LEAST_SPEED = 0.1


def common_times(
    embeddings: Sequence[np.ndarray], length: int = 64, iterations: int = 3, smoothing: float = 0.06
) -> list[np.ndarray]:
    """Bring sequences that each show one whole execution onto one time axis.

    Barycentre averaging (Petitjean et al., 2011): the template is the mean of all sequences along
    the common time; each sequence is aligned to it from end to end by DTW; and so on. It starts
    from the share of each sequence's own length.

    Args:
        embeddings: ``(T_i, D)`` each.
        length: Frames of the template.
        iterations: How often the template is made.
        smoothing: Standard deviation of the smoothing of a sequence's speed, in shares of its
            length.

    Returns:
        Per sequence float64 ``(T_i,)``, rising strictly from 0 to 1; 0 for a single frame.
    """
    grid = np.linspace(0, 1, length)
    times = [np.linspace(0, 1, len(one)) for one in embeddings]
    for _ in range(iterations):
        aligned = [
            interpolate_frames(one, np.interp(grid, time, np.arange(len(one))))
            for one, time in zip(embeddings, times, strict=True)
        ]
        template = np.mean(aligned, axis=0)
        paths = dtw_paths([frame_distances(template, one) for one in embeddings])
        times = [_times_of(path, smoothing) for path in paths]
    return times


def _times_of(path: np.ndarray, smoothing: float) -> np.ndarray:
    """The mean row of every column of a path, smoothed, as times from 0 to 1."""
    columns = path[:, 1]
    rows = np.bincount(columns, path[:, 0]) / np.bincount(columns)
    if len(rows) == 1:
        return np.zeros(1)
    speed = np.maximum(np.diff(rows) / np.ptp(rows) * len(rows), _LEAST_SPEED)
    speed = gaussian_filter1d(speed, smoothing * len(rows), mode="nearest")
    passed = np.append(0.0, np.cumsum(speed))
    return passed / passed[-1]
