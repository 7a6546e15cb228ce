"""How good a match is: what counts as a fit, confidence, whether both show the same activity."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter1d, maximum_filter1d
from scipy.special import expit

from mmalign.functional.dtw import dtw_paths
from mmalign.functional.metrics.neighbours import squared_distances
from mmalign.functional.metrics.ordering import tau_b

# Share of the distance between unlike moments of the reference that still counts as a fit.
_ALLOWANCE = 0.37
# Percentile of a sequence's own distances that stands for unlike moments: most of its frames may
# show somebody waiting.
_UNLIKE = 90
# Frames at most, evenly spaced, where a sequence is compared with itself.
_SAMPLE = 256
# Seconds over which confidence is smoothed; how far from a movement of the path a frame may stand
# still.
_SMOOTHING, _STILL = 0.1, 0.25
# Seconds along the reference at which a match must be worse to be sharp, and by how many allowances
# for half of the full sharpness.
_NEARBY, _RISE = 0.2, 0.2
# Logistic regression of "both show the same activity" on the measures of `activity_measures`, and
# its constant: fitted by tools/analysis/same_activity.py (docs/results/same_activity).
_WEIGHTS, _CONSTANT = np.array([3.85, -5.01, 4.84]), -6.76
_TINY = 1e-9


def frame_distances(reference: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Euclidean distances of embeddings over sqrt(D), as the loss scales them.

    Args:
        reference: ``(N, D)``.
        other: ``(M, D)``.

    Returns:
        float32 ``(N, M)``.
    """
    squared = squared_distances(reference, other)
    squared /= reference.shape[1]
    return np.sqrt(squared, out=squared).astype(np.float32)


def self_distance(embedding: np.ndarray) -> float:
    """How far apart unlike moments of one sequence are."""
    sample = embedding[_spread(len(embedding))]
    return float(np.percentile(frame_distances(sample, sample), _UNLIKE))


def fit_allowance(reference: np.ndarray, unlike: float | None = None) -> float:
    """Largest distance to the reference ``(N, D)`` that counts as a fit, above 0.

    Args:
        reference: ``(N, D)``.
        unlike: Its :func:`self_distance`, where that is known already.
    """
    return max(_ALLOWANCE * (self_distance(reference) if unlike is None else unlike), _TINY)


def fit_and_sharpness(
    distances: np.ndarray, matches: np.ndarray, fps: float
) -> tuple[np.ndarray, np.ndarray]:
    """How well every column fits its match, and how much worse it fits beside it.

    Of what was tried on generated executions with known truth, the rise of the distance beside the
    match goes best with the error; the distance itself tells what has no counterpart.

    Args:
        distances: ``(N, M)`` in allowances.
        matches: ``(M,)`` rows.
        fps: Frames per second.

    Returns:
        Fit and sharpness, float64 ``(M,)`` in [0, 1].
    """
    columns, step = np.arange(distances.shape[1]), max(1, round(_NEARBY * fps))
    at = distances[matches, columns].astype(np.float64)
    after = distances[np.minimum(matches + step, len(distances) - 1), columns]
    before = distances[np.maximum(matches - step, 0), columns]
    rise = np.maximum((after + before) / 2 - at, 0)
    smooth = gaussian_filter1d([at, rise], _SMOOTHING * fps, mode="nearest")
    return np.exp2(-(smooth[0] ** 2)), 1 - np.exp2(-smooth[1] / _RISE)


def moving_columns(path: np.ndarray, fps: float) -> np.ndarray:
    """Which columns of a path are near a movement: it goes down within a quarter of a second.

    Args:
        path: ``(P, 2)`` of (row, column).
        fps: Columns per second.

    Returns:
        bool, one per column from the path's first to its last.
    """
    columns = path[:, 1] - path[0, 1]
    reach = max(1, round(_STILL * fps))
    rows_down = np.bincount(columns[1:], np.diff(path[:, 0]), minlength=columns[-1] + 1)
    return maximum_filter1d(rows_down, 2 * reach + 1, mode="constant") > 0


def activity_measures(reference: np.ndarray, other: np.ndarray, path: np.ndarray) -> np.ndarray:
    """What tells whether both show the same activity, from the best path and without any label.

    Three measures that have no unit, so that they mean the same for every network: whether nearest
    neighbours come in the right order (Kendall's tau, in both directions); what the monotone path
    costs against the one through the reversed time, which shows the same poses in the wrong order;
    and how much of the two overlaps.

    Args:
        reference: ``(N, D)``.
        other: ``(M, D)``, its offset to the reference subtracted.
        path: ``(P, 2)``, the best path.

    Returns:
        float64 ``(3,)``.
    """
    (row, column), (last_row, last_column) = path[0], path[-1]
    rows, columns = last_row - row + 1, last_column - column + 1
    a, b = reference[row : last_row + 1], other[column : last_column + 1]
    distances = frame_distances(a[_spread(rows)], b[_spread(columns)])
    both = distances, distances[:, ::-1]
    costs = [
        float(each[again[:, 0], again[:, 1]].mean())
        for each, again in zip(both, dtw_paths(both), strict=True)
    ]
    order = (_order(distances.argmin(axis=0)) + _order(distances.argmin(axis=1))) / 2
    share = (rows + columns) / (len(reference) + max(columns, min(len(reference), len(other))))
    return np.array([order, costs[0] / max(costs[1], _TINY), share])


def same_activity_score(measures: np.ndarray) -> float:
    """Score in [0, 1] that two sequences of such :func:`activity_measures` show one activity."""
    return float(expit(measures @ _WEIGHTS + _CONSTANT))


def _order(places: np.ndarray) -> float:
    """Kendall's tau of places with time; 0 where all are the same."""
    if (places == places[0]).all():
        return 0.0
    return float(tau_b(places[None])[0])


def _spread(length: int) -> np.ndarray:
    """At most `_SAMPLE` evenly spaced frames."""
    return np.linspace(0, length - 1, min(length, _SAMPLE)).astype(np.intp)
