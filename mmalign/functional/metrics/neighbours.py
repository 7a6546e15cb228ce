"""Nearest neighbours between sequences of embeddings."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy.spatial.distance import cdist

_EXACT_DIMS = 8
# Distances that are held at once.
_CELLS = 1 << 22


class Support:
    """Frames that many others are compared with.

    Few dimensions are subtracted directly, so that equal frames are exactly 0 apart and ties stay
    ties (the floors are full of them); many go through one matrix product.

    Args:
        frames: Embeddings ``(M, D)``.
    """

    def __init__(self, frames: np.ndarray) -> None:
        self._frames = np.asarray(frames, dtype=np.float64)
        self._exact = self._frames.shape[1] <= _EXACT_DIMS
        if not self._exact:
            # A common offset costs digits in the expansion of the square.
            self._offset = self._frames.mean(axis=0)
            self._frames = self._frames - self._offset
            self._squares = np.einsum("md,md->m", self._frames, self._frames)

    def squared_distances(self, queries: np.ndarray) -> np.ndarray:
        """Squared Euclidean distances of other frames to these.

        Args:
            queries: Embeddings ``(N, D)``.

        Returns:
            float64 ``(N, M)``, non-negative.
        """
        queries = np.asarray(queries, dtype=np.float64)
        if self._exact:
            return cdist(queries, self._frames, "sqeuclidean")
        queries = queries - self._offset
        distances = (-2.0 * queries) @ self._frames.T
        distances += np.einsum("nd,nd->n", queries, queries)[:, None]
        distances += self._squares
        return np.maximum(distances, 0.0, out=distances)


def squared_distances(queries: np.ndarray, support: np.ndarray) -> np.ndarray:
    """Squared Euclidean distances between two sets of frames.

    Args:
        queries: Embeddings ``(N, D)``.
        support: Embeddings ``(M, D)``.

    Returns:
        float64 ``(N, M)``, non-negative; see :class:`Support`.
    """
    return Support(support).squared_distances(queries)


def compare_clips(
    clips: Sequence[np.ndarray], *visitors: Callable[[int, np.ndarray], None]
) -> None:
    """Compare the frames of every clip with those of all clips.

    Args:
        clips: Embeddings ``(T_i, D)`` each.
        *visitors: Are called with a clip's number and the squared distances ``(N, M)`` of N of its
            frames to the M of all clips, one clip after the other and its frames in order. They may
            write to the columns of the clip itself.
    """
    support = Support(np.concatenate(clips))
    size = max(1, _CELLS // max(1, sum(map(len, clips))))
    for index, clip in enumerate(clips):
        for start in range(0, len(clip), size):
            distances = support.squared_distances(clip[start : start + size])
            for visit in visitors:
                visit(index, distances)


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
