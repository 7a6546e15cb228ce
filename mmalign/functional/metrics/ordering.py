"""Kendall's tau: does the nearest neighbour advance in time as the query does?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mmalign.errors import InputError
from mmalign.functional.metrics.neighbours import compare_clips, segment_argmin


def tau_b(sequences: np.ndarray) -> np.ndarray:
    """Kendall's tau-b of each row against time.

    Equals ``scipy.stats.kendalltau(range(n), row)`` for every row at once.

    Args:
        sequences: Values ``(S, n)``.

    Returns:
        float64 ``(S,)`` in [-1, 1]; NaN where a row is constant or shorter than 2.
    """
    rows, length = sequences.shape
    # Time runs down the columns and numbers are as small as they may be: whole rows are compared in
    # few instructions.
    values = np.ascontiguousarray(sequences.T)
    if values.dtype.kind in "iu" and values.size and 0 <= values.min() and values.max() < 2**16:
        values = values.astype(np.uint16)
    rising = np.zeros((length, rows), dtype=np.uint16 if length < 2**16 else np.int64)
    for lag in range(1, length):
        np.add(rising[lag:], values[lag:] > values[:-lag], out=rising[lag:])
    pairs = length * (length - 1) // 2
    values.sort(axis=0)
    # Of a run of k equal values the second adds 1 to the pairs that tie, the third 2, and so on.
    places = np.arange(length)[:, None]
    first = np.ones((length, rows), dtype=bool)
    np.not_equal(values[1:], values[:-1], out=first[1:])
    tied = (places - np.maximum.accumulate(np.where(first, places, 0), axis=0)).sum(axis=0)
    untied = pairs - tied
    total = 2 * rising.sum(axis=0, dtype=np.int64) - untied
    with np.errstate(invalid="ignore", divide="ignore"):
        return total / np.sqrt(float(pairs) * untied)


class ClipOrder:
    """Kendall's tau of clips, from their distances; a visitor of :func:`.compare_clips`.

    Args:
        lengths: Frames of every clip.
        stride: Every stride-th frame of both clips is used.
    """

    def __init__(self, lengths: Sequence[int], stride: int = 1) -> None:
        used = [np.arange(length) % stride == 0 for length in lengths]
        self._lengths, self._used = lengths, np.concatenate(used)
        self._starts = np.cumsum([0] + [int(part.sum()) for part in used[:-1]])
        self._stride, self._seen = stride, 0
        self._nearest: list[np.ndarray] = []
        self._taus: list[np.ndarray] = []

    def __call__(self, index: int, distances: np.ndarray) -> None:
        """Take the distances of the next frames of a clip."""
        rows = slice(-self._seen % self._stride, None, self._stride)
        self._seen += len(distances)
        if self._stride > 1:
            distances = distances[rows][:, self._used]
        self._nearest.append(segment_argmin(distances, self._starts))
        if self._seen == self._lengths[index]:
            self._taus.append(tau_b(np.delete(np.hstack(self._nearest), index, axis=0)))
            self._nearest, self._seen = [], 0

    def tau(self) -> tuple[float, int]:
        """See :func:`kendalls_tau`."""
        values = np.concatenate(self._taus) if len(self._lengths) > 1 else np.zeros(0)
        defined = np.isfinite(values)
        mean = float(values[defined].mean()) if defined.any() else float("nan")
        return mean, int((~defined).sum())


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
    order = ClipOrder([len(clip) for clip in frames])
    compare_clips(frames, order)
    return order.tau()
