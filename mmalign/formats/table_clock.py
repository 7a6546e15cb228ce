"""When the rows of a table were: frame numbers and the rate, from its column of times."""

from __future__ import annotations

import numpy as np

from mmalign.formats.table_header import plain

_SLOWEST = 1.0
"""Longest step in seconds of times whose unit is not named; longer ones are milliseconds."""
_MILLISECOND = 1e-3
_LATEST = 1e20


def read_clock(
    times: np.ndarray, name: str, numbers: np.ndarray | None
) -> tuple[np.ndarray, float] | None:
    """Frame numbers and frames per second.

    Frames that are missing between two times are counted, by the usual step. Times that were
    rounded to milliseconds give the whole rate that they can be of.

    Args:
        times: ``(N,)`` of the rows, in seconds or, if the column's name or their steps say so, in
            milliseconds or less.
        name: The column's name.
        numbers: ``(N,)`` frame numbers where the table has them.

    Returns:
        ``(N,)`` int64 and the rate; None if the times do not go forward.
    """
    if not (np.abs(times) < _LATEST).all():
        return None
    instants, of_row = np.unique(times, return_inverse=True)
    steps = np.diff(instants)
    step = float(np.median(steps)) if len(steps) else 0.0
    unit = _unit(plain(name), step)
    if not 1e-9 < step * unit < 1e9:
        return None
    instants, steps, step = instants * unit, steps * unit, step * unit
    if numbers is None:
        counts = np.concatenate([[0.0], np.cumsum(np.maximum(np.rint(steps / step), 1))])
        # Times of a video begin at 0: what is before the first row is not listed.
        numbers = counts[of_row] + max(float(np.rint(instants[0] / step)), 0.0)
    first, last = int(np.argmin(times)), int(np.argmax(times))
    frames, seconds = float(numbers[last] - numbers[first]), float(instants[-1] - instants[0])
    rate = frames / seconds
    if not 1e-3 < rate < 1e5:
        return None
    scaled = instants / _MILLISECOND
    rounded = np.abs(scaled - np.rint(scaled)).max() < 1e-6 * max(1.0, np.abs(scaled).max())
    if round(rate) and rounded and abs(frames / round(rate) - seconds) <= _MILLISECOND:
        rate = float(round(rate))
    return numbers.astype(np.int64), round(rate, 3)


def _unit(name: str, step: float) -> float:
    """Seconds per unit of the times."""
    words = name.split("_")
    if {"ms", "msec", "milliseconds"} & {*words} or name.endswith("ms"):
        return 1e-3
    if {"s", "sec", "seconds"} & {*words}:
        return 1.0
    return next(unit for unit in (1.0, 1e-3, 1e-6, 1e-9, 0.0) if step * unit <= _SLOWEST)
