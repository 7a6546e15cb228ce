"""Kendall's tau: does the nearest neighbour advance in time as the query does?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mmalign.errors import InputError
from mmalign.functional.metrics.neighbours import segment_argmin, squared_distances

_CHUNK = 4_000_000


def tau_b(sequences: np.ndarray) -> np.ndarray:
    """Kendall's tau-b of each row against time.

    Equals ``scipy.stats.kendalltau(range(n), row)`` for every row at once.

    Args:
        sequences: Values ``(S, n)``.

    Returns:
        float64 ``(S,)`` in [-1, 1]; NaN where a row is constant or shorter than 2.
    """
    rows, length = sequences.shape
    first, second = np.triu_indices(length, k=1)
    total = np.zeros(rows, dtype=np.int64)
    untied = np.zeros(rows, dtype=np.int64)
    step = max(1, _CHUNK // max(1, rows))
    for begin in range(0, len(first), step):
        part = slice(begin, begin + step)
        later, earlier = sequences[:, second[part]], sequences[:, first[part]]
        rising = np.count_nonzero(later > earlier, axis=1)
        falling = np.count_nonzero(later < earlier, axis=1)
        total += rising - falling
        untied += rising + falling
    with np.errstate(invalid="ignore", divide="ignore"):
        return total / np.sqrt(float(len(first)) * untied)


def kendalls_tau(embeddings: Sequence[np.ndarray], stride: int = 1) -> tuple[float, int]:
    """Mean tau-b over all ordered pairs of clips (protocol, section 1).

    Args:
        embeddings: Per clip ``(T_i, D)``.
        stride: Every stride-th frame of both clips is used.

    Returns:
        The mean over the pairs whose tau is defined (NaN if there is none), and the number of
        pairs dropped because theirs is not.

    Raises:
        InputError: If ``stride`` is below 1.
    """
    if stride < 1:
        raise InputError(f"tau_stride: found {stride}, expected an integer of at least 1")
    frames = [embedding[::stride] for embedding in embeddings]
    if len(frames) < 2:
        return float("nan"), 0
    support = np.concatenate(frames)
    starts = np.cumsum([0] + [len(clip) for clip in frames[:-1]])
    taus = []
    for query, clip in enumerate(frames):
        nearest = segment_argmin(squared_distances(clip, support), starts)
        taus.append(tau_b(np.delete(nearest, query, axis=0)))
    values = np.concatenate(taus)
    defined = np.isfinite(values)
    mean = float(values[defined].mean()) if defined.any() else float("nan")
    return mean, int((~defined).sum())
