"""The constant offset between the clocks of two cameras that film the same moments.

First roughly, at every offset: two cameras that are far away against the size of a body see it by a
linear map each, and what both see of a joint is the same along one direction of each picture, the
epipolar direction. At the true offset such a direction exists, and the joints move alike along it.
Then finely, with perspective: the offset at which one fundamental matrix fits best. Neither
calibration nor learning is needed, and it does not matter from where the cameras look; but they
must stand still and not zoom.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from mmalign.functional.epipolar import fit_fundamental
from mmalign.functional.gaps import fill_gaps
from mmalign.functional.smoothing import savgol

Array = NDArray[np.floating]

# Seconds: the longest absence of a joint that is filled, the window of the smoothing, and between
# which two moments a joint's displacement is taken. Shorter displacements are noise, longer ones
# change too little with the offset.
_GAP, _SMOOTHING, _STEP = 0.13, 0.15, 0.2
# Seconds about the rough offset that are tried finely: perspective moves it by less. Joints in
# frames at most, evenly spaced, that a fundamental matrix is fitted to, and at least.
_NEAR, _MOST_POINTS, _LEAST_POINTS = 0.15, 20_000, 16
# So many rough offsets of the greatest likelihood, and of the greatest correlation, well apart, are
# tried finely: repeated movement has many that are good.
_CANDIDATES = 3
# Keeps a covariance that has no extent regular; positions have a spread of 1.
_TINY = 1e-9


class NoOffsetError(ValueError):
    """Two recordings have nothing in common that would tell their offset."""


@dataclass
class ClockOffset:
    """What is known of the offset between two cameras.

    Attributes:
        lag: What is added to a frame number of the second to have that of the first.
        correlation: How alike the joints move along the epipolar direction at about that lag, from
            0 to 1.
        misfit: How far joints are off the epipolar lines of the other camera, a robust standard
            deviation as a share of the spread of all positions.
        lags: ``(L,)`` every whole number of frames that was tried roughly.
        correlations: ``(L,)``, of every lag.
        fundamental: ``(3, 3)``, of the poses as :func:`normalize_track` gives them.
    """

    lag: float
    correlation: float
    misfit: float
    lags: NDArray[np.int64]
    correlations: NDArray[np.float64]
    fundamental: Array


def find_clock_offset(
    first: tuple[Array, Array], second: tuple[Array, Array], fps: float, least_overlap: int
) -> ClockOffset:
    """Find the offset between two cameras' poses of one person at one frame rate.

    Every lag is tried roughly, at the cost of a Fourier transform in all, and judged by the
    likelihood ratio of correlated against uncorrelated displacements, ``-n log(1 - r^2)`` for n
    displacements that both see, as by chance few correlate better than many; and by ``r`` alone. Of
    the best ones the one is taken at which a fundamental matrix fits best.

    Args:
        first: Keypoints ``(N, K, 2)`` and scores ``(N, K)``; 0 = absent.
        second: ``(M, K, 2)`` and ``(M, K)``, the same K joints.
        fps: Frames per second of both.
        least_overlap: Frames in which both must see some joint, at least 2.

    Returns:
        The offset, in fractions of a frame.

    Raises:
        NoOffsetError: If one is too short, somebody is never seen, or at no lag both see joints
            move.
    """
    step = max(1, round(_STEP * fps))
    if min(len(first[1]), len(second[1])) <= step + 1:
        raise NoOffsetError(f"one has no more than {_STEP} s")
    (a, wa), (b, wb) = (normalize_track(*one, fps) for one in (first, second))
    lags = np.arange(1 - len(b), len(a))
    seen = [(w > 0).any(axis=1).astype(np.float64)[:, None, None] for w in (wa, wb)]
    common = _correlate(seen[0], seen[1])[:, 0, 0]
    _, covariance = _moments(a, wa, b, wb)
    normal = np.linalg.eigh(covariance + _TINY * np.eye(4))[1][:, :, 0]
    moved, displacement = _moments(*_displacements(a, wa, step), *_displacements(b, wb, step))
    # Displacements have `step` lags less to either side.
    inner = slice(step, len(lags) - step)
    p, q = normal[inner, :2], -normal[inner, 2:]
    both, ours, theirs = (
        np.einsum("li,lij,lj->l", x, displacement[:, rows, columns], y)
        for x, rows, columns, y in (
            (p, slice(2), slice(2, 4), q),
            (p, slice(2), slice(2), p),
            (q, slice(2, 4), slice(2, 4), q),
        )
    )
    least = _TINY * max(float(moved.max()), 1.0)
    usable = (
        (common[inner] > least_overlap - 0.5) & (moved > least) & (ours > _TINY) & (theirs > _TINY)
    )
    if not usable.any():
        raise NoOffsetError("at no offset do both see joints move")
    lags, moved, both, ours, theirs = (x[usable] for x in (lags[inner], moved, both, ours, theirs))
    r = np.clip(both / np.sqrt(ours * theirs), 0, 1 - _TINY)
    radius = max(1, round(_NEAR * fps))
    fits = []
    likely = _separate_peaks(-moved * np.log1p(-(r**2)), lags, 2 * radius)
    for best in dict.fromkeys(likely + _separate_peaks(r, lags, 2 * radius)):
        fine = _refine((a, wa), (b, wb), int(lags[best]), radius)
        if fine is not None:
            fits.append((*fine, best))
    if not fits:
        raise NoOffsetError("both see too few joints in common")
    _, lag, misfit, fundamental, best = min(fits, key=lambda fit: fit[0])
    return ClockOffset(lag, float(r[best]), misfit, lags, r, fundamental)


def _separate_peaks(values: Array, lags: NDArray[np.int64], distance: int) -> list[int]:
    """Indices of the highest values whose lags are so far apart, at most `_CANDIDATES`."""
    left = values.astype(np.float64)
    found: list[int] = []
    while len(found) < _CANDIDATES and np.isfinite(left).any():
        best = int(left.argmax())
        found.append(best)
        left = np.where(np.abs(lags - lags[best]) <= distance, -np.inf, left)
    return found


def normalize_track(keypoints: Array, scores: Array, fps: float) -> tuple[Array, Array]:
    """Poses of one camera about 0 with a spread of 1, short gaps filled, smoothed over time.

    Args:
        keypoints: ``(T, K, 2)``.
        scores: ``(T, K)``; 0 = absent.
        fps: Frames per second.

    Returns:
        ``(T, K, 2)`` float64, 0 where absent, and the scores.

    Raises:
        NoOffsetError: If no joint is ever seen.
    """
    points, scores = fill_gaps(keypoints.astype(np.float64), scores, round(_GAP * fps))
    points = savgol(points, scores, window=2 * round(_SMOOTHING * fps / 2) + 1)
    seen = scores > 0
    if not seen.any():
        raise NoOffsetError("no joint is ever seen")
    points = points - points[seen].mean(axis=0)
    spread = np.sqrt(np.mean(points[seen] ** 2))
    return np.where(seen[..., None], points / max(spread, _TINY), 0.0), scores.astype(np.float64)


def _refine(
    first: tuple[Array, Array], second: tuple[Array, Array], rough: int, radius: int
) -> tuple[float, float, float, Array] | None:
    """The best fit near a rough lag: its loss, lag, misfit and fundamental matrix.

    None where both see too few joints in common.
    """
    (a, wa), (b, wb) = first, second
    tried = {}
    for lag in range(rough - radius, rough + radius + 1):
        start, end = max(0, lag), min(len(a), len(b) + lag)
        if end - start < 2:
            continue
        weights = np.minimum(wa[start:end], wb[start - lag : end - lag])
        frames, joints = np.nonzero(weights)
        if len(frames) < _LEAST_POINTS:
            continue
        kept = np.linspace(0, len(frames) - 1, min(len(frames), _MOST_POINTS)).astype(np.intp)
        frames, joints = frames[kept], joints[kept]
        tried[lag] = fit_fundamental(
            a[start + frames, joints],
            b[start - lag + frames, joints],
            weights[frames, joints],
        )
    if not tried:
        return None
    best = min(tried, key=lambda lag: tried[lag][1])
    fit = [tried[lag][1] if lag in tried else None for lag in (best - 1, best, best + 1)]
    fundamental, loss, misfit = tried[best]
    return loss, best + _summit(*fit), misfit, fundamental


def _summit(before: float | None, top: float | None, after: float | None) -> float:
    """Where between three values, one apart, their parabola has its extremum."""
    if before is None or top is None or after is None:
        return 0.0
    bend = before - 2 * top + after
    return float(np.clip((before - after) / (2 * bend), -0.5, 0.5)) if bend else 0.0


def _displacements(points: Array, weights: Array, step: int) -> tuple[Array, Array]:
    moved = np.minimum(weights[step:], weights[:-step])
    return np.where(moved[..., None] > 0, points[step:] - points[:-step], 0.0), moved


def _moments(a: Array, wa: Array, b: Array, wb: Array) -> tuple[Array, Array]:
    """Per lag the weight and covariance of what both see of a joint at one moment.

    Args:
        a: ``(N, K, 2)``, 0 where absent.
        wa: ``(N, K)``.
        b: ``(M, K, 2)``.
        wb: ``(M, K)``.

    Returns:
        ``(L,)`` and ``(L, 4, 4)`` for the L = N + M - 1 lags from 1 - M on; the four
        coordinates are two of a and two of b.
    """
    ones = [np.concatenate([np.ones((*x.shape[:2], 1)), x], axis=2) for x in (a, b)]
    squares = [np.einsum("tki,tkj->tkij", x, x).reshape(*x.shape[:2], 9) for x in ones]
    wa, wb = wa[..., None], wb[..., None]
    of_a = _correlate(wa * squares[0], wb).reshape(-1, 3, 3)
    of_b = _correlate(wa, wb * squares[1]).reshape(-1, 3, 3)
    of_both = _correlate(wa * ones[0], wb * ones[1])
    weight = np.maximum(of_a[:, 0, 0], 0.0)
    mean = np.concatenate([of_a[:, 0, 1:], of_b[:, 0, 1:]], axis=1)
    upper = np.concatenate([of_a[:, 1:, 1:], of_both[:, 1:, 1:]], axis=2)
    lower = np.concatenate([of_both[:, 1:, 1:].transpose(0, 2, 1), of_b[:, 1:, 1:]], axis=2)
    total = np.maximum(weight, _TINY)[:, None]
    mean = mean / total
    second = np.concatenate([upper, lower], axis=1) / total[..., None]
    return weight, second - mean[:, :, None] * mean[:, None, :]


def _correlate(a: Array, b: Array) -> Array:
    """Sums over time and joints of ``a[t + lag, k, i] b[t, k, j]``.

    Args:
        a: ``(N, K, I)``.
        b: ``(M, K, J)``.

    Returns:
        ``(N + M - 1, I, J)``, lags from 1 - M on.
    """
    length = len(a) + len(b) - 1
    size = fft.next_fast_len(length, real=True)
    total: Array = np.zeros((size // 2 + 1, a.shape[2], b.shape[2]), dtype=np.complex128)
    # Joint by joint: all at once would take K times the memory.
    for joint in range(a.shape[1]):
        one, other = (fft.rfft(x[:, joint], size, axis=0) for x in (a, b))
        total += one[:, :, None] * other.conj()[:, None, :]
    return np.roll(fft.irfft(total, size, axis=0), len(b) - 1, axis=0)[:length]
