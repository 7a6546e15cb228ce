"""Smoothing of pose tracks over time. An absent joint separates what comes before and after it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]

_CALM_WINDOW = 5


def savgol(points: Array, scores: Array, window: int = 7, order: int = 2) -> Array:
    """Savitzky-Golay filter on every unbroken run of a joint: no lag, keeps peaks.

    Where a run is shorter than the window, the window is the longest odd one that fits; runs of at
    most ``order`` frames stay as they are.

    Args:
        points: ``(T, K, D)``.
        scores: ``(T, K)``; 0 = absent.
        window: Odd number of frames.
        order: Degree of the polynomials; tracks of that degree are left as they are.

    Returns:
        ``(T, K, D)``; absent joints are as they were.
    """
    from scipy.signal import savgol_filter  # It takes a second, and few need it.

    smooth = points.copy()
    edges = np.diff(np.pad(scores > 0, ((1, 1), (0, 0))).astype(np.int8), axis=0)
    for joint in range(scores.shape[1]):
        starts, ends = np.nonzero(edges[:, joint] == 1)[0], np.nonzero(edges[:, joint] == -1)[0]
        for start, end in zip(starts, ends, strict=True):
            fitting = min(window, end - start - (end - start + 1) % 2)
            if fitting > order:
                smooth[start:end, joint] = savgol_filter(
                    points[start:end, joint], fitting, order, axis=0, mode="interp"
                )
    return smooth


def calm(points: Array, scores: Array) -> Array:
    """Take jitter out, and leave fast motion as it is.

    :func:`savgol` over five frames moves each joint as far as its noise goes, and much farther
    where the joint is truly fast. What is beyond the median of the joint's moves is therefore no
    noise: a move of ``r`` times the median, ``r`` above 1, is made ``r`` times shorter than it.

    Args:
        points: ``(T, K, D)``.
        scores: ``(T, K)``; 0 = absent.

    Returns:
        ``(T, K, D)``; absent joints are as they were.
    """
    move = savgol(points.astype(np.float64), scores, _CALM_WINDOW) - points
    length = np.linalg.norm(move, axis=-1)
    usual = np.zeros(length.shape[1])
    for joint in np.flatnonzero((scores > 0).any(axis=0)):
        usual[joint] = np.median(length[scores[:, joint] > 0, joint])
    part = np.ones_like(length)
    np.divide(np.broadcast_to(usual, length.shape), length, out=part, where=length > usual)
    return (points + move * part[..., None] ** 2).astype(points.dtype)


def one_euro(
    points: Array,
    scores: Array,
    fps: float,
    min_cutoff: float = 1.0,
    beta: float = 0.05,
    derivative_cutoff: float = 1.0,
) -> Array:
    """One-Euro filter (Casiez, Roussel and Vogel, CHI 2012): little jitter at rest, little lag.

    It is causal, as for live use: the cutoff frequency ``min_cutoff + beta * speed`` of a first
    order low-pass follows the joint's own speed. A joint that comes back after an absence starts
    afresh.

    Args:
        points: ``(T, K, D)``.
        scores: ``(T, K)``; 0 = absent.
        fps: Frames per second.
        min_cutoff: Cutoff at rest in Hz; lower = smoother.
        beta: Hz per unit of speed, in the units of ``points`` per second; higher = less lag.
        derivative_cutoff: Cutoff in Hz for the speed.

    Returns:
        ``(T, K, D)``; absent joints are as they were.
    """
    present = scores > 0
    smooth = points.astype(np.float64)
    speed = np.zeros(points.shape[1:])
    step = _weight(derivative_cutoff, fps)
    for t in range(1, len(points)):
        follows = (present[t] & present[t - 1])[:, None]
        slope = (points[t] - smooth[t - 1]) * fps
        speed = np.where(follows, speed + step * (slope - speed), 0.0)
        pace = np.linalg.norm(speed, axis=-1, keepdims=True)
        weight = _weight(min_cutoff + beta * pace, fps)
        smooth[t] = np.where(
            follows, smooth[t - 1] + weight * (points[t] - smooth[t - 1]), points[t]
        )
    return smooth.astype(points.dtype)


def _weight(cutoff: Array | float, fps: float) -> Array | float:
    """Weight of a new value in a first-order low-pass."""
    rate = 2 * np.pi * cutoff / fps
    return rate / (rate + 1)
