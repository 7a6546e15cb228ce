"""Matching the frames of one embedded sequence to those of a reference.

Rows are frames of the reference (N), columns those of the other sequence (M); a position is a
fractional row.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter1d

from mmalign.functional.clip_offset import ClipOffset, clip_offset
from mmalign.functional.dtw import dtw_path
from mmalign.functional.match_quality import (
    activity_measures,
    fit_and_sharpness,
    frame_distances,
    moving_columns,
    same_activity_score,
)
from mmalign.functional.open_path import open_path
from mmalign.functional.sub_frame import sub_frame
from mmalign.functional.subsequence import Occurrence, find_occurrences

METHODS = ("open", "subsequence", "dtw", "soft", "nearest")

# Seconds: standard deviation of the smoothing of positions.
_SMOOTHING = 0.1
# The temperature of the soft match in units of the allowance.
_TEMPERATURE = 0.08
# Frames that fit less well have no counterpart.
_LEAST_FIT = 0.2


@dataclass
class FrameAlignment:
    """Where each of M frames stands among N.

    Attributes:
        positions: ``(M,)`` float64 in [0, N - 1]; they mean nothing where ``matched`` is false.
        matched: ``(M,)`` bool: whether the frame has a counterpart.
        confidence: ``(M,)`` float64 in [0, 1].
        segments: Intervals ``[start, end)`` of columns within each of which positions belong
            together (and never fall, for the methods with a path), in order.
        best: Which of the segments fits best.
        occurrences: Intervals ``[start, end)`` of columns that execute the reference.
        same_activity: Score in [0, 1] that both show the same activity.
        measures: What the score follows from, see
            :func:`~mmalign.functional.match_quality.activity_measures`.
        offset: ``(D,)``, what was added to the other's embeddings.
        allowance: Largest distance that counted as a fit after that.
    """

    positions: np.ndarray
    matched: np.ndarray
    confidence: np.ndarray
    segments: list[tuple[int, int]]
    best: int
    occurrences: list[tuple[int, int]]
    same_activity: float
    measures: np.ndarray
    offset: np.ndarray
    allowance: float


def soft_positions(distances: np.ndarray, temperature: float) -> np.ndarray:
    """Expected row of every column under the soft match of LA2DS, Eq. 3.

    Args:
        distances: ``(N, M)``.
        temperature: Lambda, in the unit of the distances.

    Returns:
        float64 ``(M,)``.
    """
    logits = (distances.min(axis=0) - distances.astype(np.float64)) / temperature
    weights = np.exp(logits)
    return np.arange(len(distances)) @ weights / weights.sum(axis=0)


def path_positions(path: np.ndarray, fps: float) -> tuple[np.ndarray, np.ndarray]:
    """Fractional row of every column of a path: the mean of its rows, smoothed over time.

    Args:
        path: ``(P, 2)`` of (row, column).
        fps: Columns per second.

    Returns:
        The columns, consecutive, and float64 positions that never fall.
    """
    columns = path[:, 1] - path[0, 1]
    mean = np.bincount(columns, path[:, 0]) / np.bincount(columns)
    # Continued beyond its ends by turning it about them, so that the ends stay where they are.
    margin = min(len(mean) - 1, round(4 * _SMOOTHING * fps))
    before, after = mean[margin:0:-1], mean[-2 : -2 - margin : -1]
    longer = np.concatenate([2 * mean[0] - before, mean, 2 * mean[-1] - after])
    smooth = gaussian_filter1d(longer, _SMOOTHING * fps, mode="nearest")
    return np.arange(path[0, 1], path[-1, 1] + 1), smooth[margin : margin + len(mean)]


def align_frames(
    reference: np.ndarray,
    other: np.ndarray,
    fps: float,
    method: str = "subsequence",
    first: ClipOffset | None = None,
) -> FrameAlignment:
    """Align two embedded sequences.

    ``open`` follows one monotone path through all of the other and a part of the reference, or one
    within each execution if there are several; standing still has a counterpart. ``subsequence``
    finds every execution of the reference, whole or cut by the ends of the other; ``dtw`` is the
    monotone path from end to end; ``soft`` (Eq. 3) and ``nearest`` look at each frame by itself.
    The constant difference of the two is taken away first. What counts as a fit is measured by how
    far apart the reference's own frames are, and is widened for pairs that fit badly throughout
    (:mod:`mmalign.functional.clip_offset`).

    Args:
        reference: ``(N, D)``, N at least 2.
        other: ``(M, D)``, M at least 2.
        fps: Frames per second of both.
        method: One of `METHODS`.
        first: The constant difference, where it has been measured already.

    Raises:
        ValueError: If there is no such method.
    """
    if method not in METHODS:
        raise ValueError(f"method must be one of {METHODS}, found {method!r}")
    first = first or clip_offset(reference, other)
    other, allowance = other + first.offset, first.allowance
    distances = frame_distances(reference, other)
    found, best = find_occurrences(distances, allowance)
    paths = [one.path for one in found] or [best.path]
    best_index = max(range(len(found)), key=lambda k: found[k].score, default=0)
    columns = distances.shape[1]
    positions, moving = np.zeros(columns), np.ones(columns, dtype=bool)
    if method in ("nearest", "soft"):
        positions = (
            distances.argmin(axis=0).astype(np.float64)
            if method == "nearest"
            else soft_positions(distances, _TEMPERATURE * allowance)
        )
        segments, best_index = [(0, columns)], 0
    else:
        if method == "dtw":
            paths, best_index = [dtw_path(distances)], 0
        elif method == "open":
            paths = _open_paths(distances, allowance, paths)
            best_index = min(best_index, len(paths) - 1)
        moving[:] = False
        segments = []
        for path in paths:
            where, smooth = path_positions(path, fps)
            if len(distances) > 2:
                smooth = sub_frame(smooth, distances[:, where], _SMOOTHING * fps)
            positions[where] = smooth
            moving[where] = method == "open" or moving_columns(path, fps)
            segments.append((int(where[0]), int(where[-1]) + 1))
    nearest = np.rint(positions).astype(np.intp)
    fit, sharpness = fit_and_sharpness(distances / allowance, nearest, fps)
    matched = moving & (fit >= _LEAST_FIT)
    if method == "open" and len(found) < 2:
        found = [Occurrence(paths[0], best.score)]
    if not matched.any():
        found = []
    measures = activity_measures(reference, other, best.path)
    return FrameAlignment(
        positions=positions,
        matched=matched,
        confidence=np.where(matched, fit * sharpness, 0.0),
        segments=segments,
        best=best_index,
        occurrences=[_trimmed(one, fps) for one in found],
        same_activity=same_activity_score(measures),
        measures=measures,
        offset=first.offset,
        allowance=allowance,
    )


def _open_paths(
    distances: np.ndarray, allowance: float, executions: list[np.ndarray]
) -> list[np.ndarray]:
    """The open path through all columns, or through those of each of several executions."""
    if len(executions) < 2:
        return [open_path(distances, allowance)]
    intervals = [(int(one[0, 1]), int(one[-1, 1]) + 1) for one in executions]
    return [open_path(distances[:, start:end], allowance) + (0, start) for start, end in intervals]


def _trimmed(occurrence: Occurrence, fps: float) -> tuple[int, int]:
    """Columns ``[start, end)`` of an occurrence without the standing still at its ends."""
    kept = np.flatnonzero(moving_columns(occurrence.path, fps)) + occurrence.path[0, 1]
    if not len(kept):
        return int(occurrence.path[0, 1]), int(occurrence.path[-1, 1]) + 1
    return int(kept[0]), int(kept[-1]) + 1
