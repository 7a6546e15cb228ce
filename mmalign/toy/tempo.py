"""When what happens: durations of phases and idle time, and the canonical time of each frame."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

LENGTH = (64, 112)
"""Usual smallest and largest number of frames."""
_MIN_PHASE, _MIN_IDLE = 6, 3
_IDLE_SHARE = 0.9


def shortest(num_phases: int) -> int:
    """Number of frames that every execution of so many phases has room in."""
    return _MIN_PHASE * num_phases + 2 * _MIN_IDLE


def draw_canonical_time(
    rng: np.random.Generator, shares: Sequence[float], length: tuple[int, int]
) -> np.ndarray:
    """Draw the tempo of one execution.

    Phase ``k`` covers the canonical times from ``k`` to ``k + 1``. Durations differ by several
    times between executions and each phase speeds up or slows down in its own way, so that the
    position in the clip says little about the phase. Idle frames have canonical time 0 at the
    start and ``K`` at the end; there are at least three of each.

    Args:
        rng: source of randomness.
        shares: ``K`` relative durations of the phases.
        length: smallest and largest number of frames, at least ``shortest(K)``.

    Returns:
        ``(T,)`` float64, never falling, from 0 to ``K``.
    """
    num_phases = len(shares)
    num_frames = int(rng.integers(length[0], length[1] + 1))
    least = np.array([_MIN_IDLE, *[_MIN_PHASE] * num_phases, _MIN_IDLE])
    weights = np.concatenate([[_IDLE_SHARE], shares, [_IDLE_SHARE]])
    weights = weights * rng.lognormal(sigma=[1.1, *[0.55] * num_phases, 1.1])
    free = num_frames - int(least.sum())
    spare = np.diff(np.round(np.cumsum([0.0, *weights]) * free / weights.sum()))
    frames = least + spare.astype(int)

    pieces = [np.zeros(frames[0])]
    for phase, count in enumerate(frames[1:-1]):
        share = np.arange(count) / count
        slowness = np.exp(rng.normal(scale=0.35))
        pieces.append(phase + share / (share + slowness * (1 - share)))
    pieces.append(np.full(frames[-1], float(num_phases)))
    return np.concatenate(pieces)


def phase_labels(canonical_time: np.ndarray, num_phases: int) -> np.ndarray:
    """Phase of each frame; idle frames belong to the phase beside them.

    Args:
        canonical_time: ``(T,)`` in ``[0, K]``.
        num_phases: ``K``.

    Returns:
        ``(T,)`` int64 in ``[0, K)``.
    """
    return np.minimum(np.floor(canonical_time), num_phases - 1).astype(np.int64)


def match_times(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Frames of one execution that correspond to the frames of another.

    Where both move, the canonical time agrees exactly. Idle stretches are mapped onto each other
    from end to end.

    Args:
        source: ``(S,)`` canonical times from 0 to ``K``.
        target: ``(T,)`` canonical times of the same activity.

    Returns:
        ``(S,)`` float64: for each frame of the source the fractional frame of the target.
    """
    last = source[-1]
    out = np.empty(len(source))
    moving = (source > 0) & (source < last)
    # The knots of the motion: from the last idle frame at 0 to the first one at K.
    first_knot = np.flatnonzero(target == 0)[-1]
    last_knot = np.flatnonzero(target == last)[0]
    knots = np.arange(first_knot, last_knot + 1)
    out[moving] = np.interp(source[moving], target[knots], knots)
    before, after = source == 0, source == last
    out[before] = np.linspace(0, first_knot, before.sum())
    out[after] = np.linspace(last_knot, len(target) - 1, after.sum())
    return out
