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
# Logistic regression of "both show the same activity" on the first six of `activity_measures`, and
# its constant: fitted by tools/analysis/same_activity.py --fit (docs/results/same_activity).
_WEIGHTS = np.array([3.19, 1.08, 0.57, -1.56, -2.66, 3.04])
_CONSTANT = -4.14
# Frames that are nearer than this (a logarithm) and in less order than this are in another order,
# which has this score at most.
_CLOSE, _LEAST_ORDER, _WRONG_ORDER = -1.2, 0.5, 0.25
# What is added to a ratio before its logarithm; no measure counts for more than this.
_SMALL, _MOST = 1e-3, 5.0
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

    Seven measures without a unit: how much of the two overlaps; along a monotone path, how well the
    two correlate, what it costs in distances between unlike moments (a logarithm), and the share of
    its steps that go on in both; how far the nearest frames are, likewise; the likeness of the two
    covariances, which knows no time; and whether nearest frames come in the right order (Kendall's
    tau, in both directions).

    Args:
        reference: ``(N, D)``.
        other: ``(M, D)``, its offset to the reference subtracted.
        path: ``(P, 2)``, the best path.

    Returns:
        float64 ``(7,)``.
    """
    (row, column), (last_row, last_column) = path[0], path[-1]
    rows, columns = last_row - row + 1, last_column - column + 1
    a = reference[row : last_row + 1][_spread(rows)].astype(np.float64)
    b = other[column : last_column + 1][_spread(columns)].astype(np.float64)
    distances = frame_distances(a, b)
    again = dtw_paths([distances])[0]
    least = min(self_distance(a), self_distance(b)) + _TINY
    nearest = (distances.min(axis=0).mean() + distances.min(axis=1).mean()) / 2
    share = (rows + columns) / (len(reference) + max(columns, min(len(reference), len(other))))
    along = _cosine(_centred(a[again[:, 0]]), _centred(b[again[:, 1]]))
    alike = _cosine(*(_centred(x).T @ _centred(x) for x in (a, b)))
    order = (_order(distances.argmin(axis=0)) + _order(distances.argmin(axis=1))) / 2
    cost = distances[again[:, 0], again[:, 1]].mean()
    both = np.append(True, np.diff(again, axis=0).all(axis=1)).mean()
    cost, nearest = (np.log(one / least + _SMALL) for one in (cost, nearest))
    return np.array([share, along, cost, both, nearest, alike, order]).clip(-_MOST, _MOST)


def same_activity_score(measures: np.ndarray) -> float:
    """Score in [0, 1] that two sequences of such :func:`activity_measures` show one activity.

    Frames that fit closely and come in another order are another activity, whatever else.
    """
    score = float(expit(measures[:-1] @ _WEIGHTS + _CONSTANT))
    close, order = measures[4] < _CLOSE, measures[6]
    return min(score, _WRONG_ORDER) if close and order < _LEAST_ORDER else score


def _order(places: np.ndarray) -> float:
    """Kendall's tau of places with time; 0 where all are the same."""
    if (places == places[0]).all():
        return 0.0
    return float(tau_b(places[None])[0])


def _centred(rows: np.ndarray) -> np.ndarray:
    return rows - rows.mean(axis=0)


def _cosine(a: np.ndarray, b: np.ndarray) -> float:
    """Cosine of the angle between two arrays; 0 if one of them does not vary."""
    return float((a * b).sum() / max(np.linalg.norm(a) * np.linalg.norm(b), _TINY))


def _spread(length: int) -> np.ndarray:
    """At most `_SAMPLE` evenly spaced frames."""
    return np.linspace(0, length - 1, min(length, _SAMPLE)).astype(np.intp)
