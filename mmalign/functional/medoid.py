"""Which of several sequences the others are nearest to."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mmalign.functional.dtw import dtw_means
from mmalign.functional.metrics.neighbours import Support

# Frames at most, evenly spaced, on which sequences are compared.
_FRAMES = 128
# Sequences that are compared with another at once.
_BATCH = 32
# Of more sequences than this not every pair is compared: so many are drawn to compare all with, and
# so many of those that are nearest to these are compared with all.
_EXACT, _DRAWN, _BEST = 200, 32, 32


def medoid(embeddings: Sequence[np.ndarray]) -> int:
    """The sequence to which the mean cost of the others' monotone paths is least.

    Of more than 200, all are compared with 32 of them, evenly spread over the list, and the 32 that
    are nearest to these with all. A better one may be missed if it seems worse by the first 32: the
    standard error of its mean cost is then a sixth of the deviation of its costs.

    Args:
        embeddings: ``(T_i, D)`` each; compared on at most 128 evenly spaced frames.
    """
    number = len(embeddings)
    everyone = np.arange(number)
    if number <= _EXACT:
        costs = np.zeros((number, number))
        for start in range(0, number, _BATCH):
            others = everyone[start : start + _BATCH]
            costs[start:, others] = path_costs(embeddings, everyone[start:], others)
        costs = np.tril(costs, -1)
        return int((costs + costs.T).sum(axis=1).argmin())
    drawn = np.linspace(0, number - 1, _DRAWN).astype(np.intp)
    near = np.sort(_costs_to(embeddings, everyone, drawn).argsort(kind="stable")[:_BEST])
    return int(near[_costs_to(embeddings, near, everyone).argmin()])


def _costs_to(embeddings: Sequence[np.ndarray], some: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Mean cost of each of some to others than itself."""
    total, count = np.zeros(len(some)), np.zeros(len(some))
    for start in range(0, len(others), _BATCH):
        part = others[start : start + _BATCH]
        different = some[:, None] != part
        total += (path_costs(embeddings, some, part) * different).sum(axis=1)
        count += different.sum(axis=1)
    return total / count


def path_costs(
    embeddings: Sequence[np.ndarray], rows: np.ndarray, columns: np.ndarray
) -> np.ndarray:
    """Mean distances along the monotone paths between sequences.

    Args:
        embeddings: ``(T_i, D)`` each.
        rows: ``(N,)`` numbers of sequences.
        columns: ``(M,)`` numbers of others, all compared at once.

    Returns:
        float64 ``(N, M)``.
    """
    thin = [_thinned(embeddings[k]) for k in columns]
    widths = np.array([len(one) for one in thin])
    # Frame by frame, so that the distances of all matrices' cells lie side by side; what is behind
    # the end of a short one is not looked at.
    frames = np.minimum(np.arange(max(2, widths.max()))[:, None], widths - 1)
    spread = np.concatenate(thin)[frames + np.cumsum(widths) - widths]
    dims = spread.shape[-1]
    support = Support(spread.reshape(-1, dims))
    costs = np.empty((len(rows), len(columns)))
    for i, k in enumerate(rows):
        squared = support.squared_distances(_thinned(embeddings[k]))
        squared /= dims
        distances = np.sqrt(squared, out=squared).astype(np.float32)
        costs[i] = dtw_means(distances.reshape(len(squared), *frames.shape), widths)
    return costs


def _thinned(embedding: np.ndarray) -> np.ndarray:
    return embedding[
        np.linspace(0, len(embedding) - 1, min(len(embedding), _FRAMES)).astype(np.intp)
    ]
