"""Windows of the trimmed protocol and phase boundaries of label sequences."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mmalign.errors import InputError

MIN_WINDOW = 8
WINDOW_SHARE = (0.4, 0.8)


def trim_windows(lengths: Sequence[int], seed: int = 0) -> list[tuple[int, int]]:
    """Draw one contiguous window per clip, as the trimmed protocol prescribes.

    The draws depend on the order of the clips, which must be the annotation's.

    Args:
        lengths: Number of labelled frames of every clip, each at least 1.
        seed: Seed of the legacy generator that the protocol names (0 in every published figure).

    Returns:
        Per clip ``(first frame, one past the last frame)``.

    Raises:
        InputError: If a clip has no frame.
    """
    if len(lengths) and min(lengths) < 1:
        raise InputError(f"lengths: found a clip of {min(lengths)} frames, expected at least 1")
    # The protocol's windows are defined by this legacy generator: the new one draws others.
    generator = np.random.RandomState(seed)  # noqa: NPY002
    windows = []
    for length in lengths:
        size = max(MIN_WINDOW, int(generator.uniform(*WINDOW_SHARE) * length))
        size = min(size, int(length))
        start = int(generator.randint(0, length - size + 1))
        windows.append((start, start + size))
    return windows


def phase_ends(labels: np.ndarray, num_phases: int) -> np.ndarray:
    """Find the last frame of every phase.

    Args:
        labels: Phases ``(T,)``, integers in ``[0, num_phases)``.
        num_phases: Number of phases K of the activity.

    Returns:
        int64 ``(K,)``: index of each phase's last frame, -1 where the phase does not occur.
    """
    ends = np.full(num_phases, -1, dtype=np.int64)
    frames = np.arange(len(labels))
    np.maximum.at(ends, labels, frames)
    return ends


def inner_boundaries(labels: np.ndarray, num_phases: int) -> np.ndarray:
    """Find the phase boundaries that lie inside a window.

    The boundary of phase b is its last frame; it lies inside when another frame of the window
    follows it.

    Args:
        labels: Phases of the window's frames ``(w,)``, non-decreasing in time.
        num_phases: Number of phases K of the activity.

    Returns:
        int64 ``(K - 1,)``: position in the window of each boundary, -1 where it is not inside.
    """
    ends = phase_ends(labels, num_phases)[: num_phases - 1]
    return np.where(ends < len(labels) - 1, ends, -1)
