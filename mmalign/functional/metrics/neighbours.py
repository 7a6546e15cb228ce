"""Nearest neighbours between sequences of embeddings."""

from __future__ import annotations

import numpy as np
from scipy.spatial.distance import cdist

_EXACT_DIMS = 8


def squared_distances(queries: np.ndarray, support: np.ndarray) -> np.ndarray:
    """Squared Euclidean distances between two sets of frames.

    Few dimensions are subtracted directly, so that equal frames are exactly 0 apart and ties stay
    ties (the floors are full of them); many go through one matrix product.

    Args:
        queries: Embeddings ``(N, D)``.
        support: Embeddings ``(M, D)``.

    Returns:
        float64 ``(N, M)``, non-negative.
    """
    queries = np.asarray(queries, dtype=np.float64)
    support = np.asarray(support, dtype=np.float64)
    if queries.shape[1] <= _EXACT_DIMS:
        return cdist(queries, support, "sqeuclidean")
    # A common offset costs digits in the expansion of the square.
    offset = support.mean(axis=0)
    queries, support = queries - offset, support - offset
    distances = queries @ support.T
    distances *= -2.0
    distances += np.einsum("nd,nd->n", queries, queries)[:, None]
    distances += np.einsum("md,md->m", support, support)[None, :]
    return np.maximum(distances, 0.0, out=distances)


def segment_argmin(distances: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Nearest frame inside each of several sequences that lie side by side.

    Args:
        distances: Distances ``(N, M)`` of N frames to M frames of S concatenated sequences.
        starts: First column of every sequence ``(S,)``, ascending, the first one 0.

    Returns:
        int64 ``(S, N)``: position within sequence s of the nearest frame, the first among equals.
    """
    bounds = np.append(starts, distances.shape[1])
    return np.stack(
        [
            distances[:, first:last].argmin(axis=1)
            for first, last in zip(bounds[:-1], bounds[1:], strict=True)
        ]
    )
