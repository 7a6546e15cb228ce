"""Fine-grained frame retrieval."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mmalign.errors import InputError
from mmalign.functional.metrics.neighbours import compare_clips

# Distances closer than this share of the largest one count as equal: rounding parts them.
_TIE = 1e-10
# Columns of a group of which the least is looked at first.
_GROUP = 64


def share_of_matches(
    distances: np.ndarray, matches: np.ndarray, k: int, largest: np.ndarray | None = None
) -> np.ndarray:
    """Share of matches among the k nearest support frames of every query frame.

    Where frames tie for the last places, each is counted for its probability of being drawn into
    them: the result depends neither on the order of the support nor on a sort's whims. Learned
    embeddings hardly ever tie; the floors do all the time.

    Args:
        distances: ``(N, M)``, non-negative.
        matches: bool ``(N, M)``.
        k: Number of neighbours, in [1, M].
        largest: ``(N, 1)``, each query's largest distance, where not all distances are given.

    Returns:
        float64 ``(N,)`` in [0, 1].
    """
    last = np.partition(distances, k - 1, axis=1)[:, k - 1 : k]
    tolerance = _TIE * (distances.max(axis=1, keepdims=True) if largest is None else largest)
    closer = distances < last - tolerance
    tied = ~closer & (distances <= last + tolerance)
    places = k - np.count_nonzero(closer, axis=1)
    drawn = np.count_nonzero(tied & matches, axis=1) / np.count_nonzero(tied, axis=1)
    return (np.count_nonzero(closer & matches, axis=1) + places * drawn) / k


class FrameRetrieval:
    """Precision of retrieval, from distances; a visitor of :func:`.compare_clips`.

    Args:
        labels: Per clip ``(T_i,)`` phases.
        ks: Numbers of neighbours K.
    """

    def __init__(self, labels: Sequence[np.ndarray], ks: Sequence[int]) -> None:
        self._phases = np.concatenate(labels)
        self._bounds = np.cumsum([0, *map(len, labels)])
        self._hits: dict[int, list[np.ndarray]] = {k: [] for k in ks}
        self._seen = 0

    def __call__(self, index: int, distances: np.ndarray) -> None:
        """Take the distances of the next frames."""
        phases = self._phases[self._seen : self._seen + len(distances)]
        self._seen += len(distances)
        own = slice(self._bounds[index], self._bounds[index + 1])
        others = len(self._phases) - (own.stop - own.start)
        if others == 0:
            return
        distances[:, own] = 0.0
        largest = distances.max(axis=1, keepdims=True)
        distances[:, own] = np.inf
        most = min(max(self._hits), others)
        bound = _bound_of_nearest(distances, most) + _TIE * largest
        rows, columns = np.nonzero(distances <= bound)
        # The candidates of each row side by side, filled up by what is infinitely far.
        counts = np.bincount(rows, minlength=len(distances))
        places = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
        near = np.full((len(distances), counts.max()), np.inf)
        near[rows, places] = distances[rows, columns]
        matches = np.zeros(near.shape, dtype=bool)
        matches[rows, places] = self._phases[columns] == phases[rows]
        for k, hits in self._hits.items():
            hits.append(share_of_matches(near, matches, min(k, others), largest))

    def precisions(self) -> dict[int, float]:
        """See :func:`retrieval_ap`."""
        return {
            k: float(np.concatenate(v).mean()) if v else float("nan") for k, v in self._hits.items()
        }


def _bound_of_nearest(distances: np.ndarray, k: int) -> np.ndarray:
    """``(N, 1)``: a bound of the k-th least of every row of ``(N, M)``, not much above it.

    The least of each of many groups of columns are found in one quick pass; k of them are not above
    the k-th least of these.
    """
    count, columns = distances.shape
    groups = max(k, columns // _GROUP)
    inner = distances[:, : columns - columns % groups].reshape(count, -1, groups)
    least = np.concatenate([inner.min(axis=1), distances[:, inner.shape[1] * groups :]], axis=1)
    return np.partition(least, k - 1, axis=1)[:, k - 1 : k]


def retrieval_ap(
    embeddings: Sequence[np.ndarray],
    labels: Sequence[np.ndarray],
    ks: Sequence[int] = (5, 10, 15),
    background: int | None = None,
) -> dict[int, float]:
    """Share of the K nearest frames of other clips that have the query frame's phase.

    Every clip in turn is the query and all others are the support (protocol, section 1).

    Args:
        embeddings: Per clip ``(T_i, D)``.
        labels: Per clip ``(T_i,)`` phases.
        ks: Numbers of neighbours K. Where fewer support frames exist, all of them count.
        background: Label whose frames are neither queries nor support.

    Returns:
        Per K the mean over all query frames, in [0, 1]; NaN if there is no query or no support.

    Raises:
        InputError: If a K is below 1.
    """
    if min(ks) < 1:
        raise InputError(f"ks: found {min(ks)}, expected numbers of neighbours of at least 1")
    keep = [np.ones(len(lab), bool) if background is None else lab != background for lab in labels]
    retrieval = FrameRetrieval([lab[mask] for lab, mask in zip(labels, keep, strict=True)], ks)
    compare_clips([emb[mask] for emb, mask in zip(embeddings, keep, strict=True)], retrieval)
    return retrieval.precisions()
