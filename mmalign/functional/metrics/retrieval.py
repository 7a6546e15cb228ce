"""Fine-grained frame retrieval."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mmalign.errors import InputError
from mmalign.functional.metrics.neighbours import squared_distances

# Distances closer than this share of the largest one count as equal: rounding parts them.
_TIE = 1e-10


def share_of_matches(distances: np.ndarray, matches: np.ndarray, k: int) -> np.ndarray:
    """Share of matches among the k nearest support frames of every query frame.

    Where frames tie for the last places, each is counted for its probability of being drawn into
    them: the result depends neither on the order of the support nor on a sort's whims. Learned
    embeddings hardly ever tie; the floors do all the time.

    Args:
        distances: ``(N, M)``, non-negative.
        matches: bool ``(N, M)``.
        k: Number of neighbours, in [1, M].

    Returns:
        float64 ``(N,)`` in [0, 1].
    """
    last = np.partition(distances, k - 1, axis=1)[:, k - 1 : k]
    tolerance = _TIE * distances.max(axis=1, keepdims=True)
    closer = distances < last - tolerance
    tied = ~closer & (distances <= last + tolerance)
    places = k - np.count_nonzero(closer, axis=1)
    drawn = np.count_nonzero(tied & matches, axis=1) / np.count_nonzero(tied, axis=1)
    return (np.count_nonzero(closer & matches, axis=1) + places * drawn) / k


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
    frames = [emb[mask] for emb, mask in zip(embeddings, keep, strict=True)]
    phases = [lab[mask] for lab, mask in zip(labels, keep, strict=True)]
    support, support_phases = np.concatenate(frames), np.concatenate(phases)
    starts = np.cumsum([0] + [len(clip) for clip in frames])
    hits: dict[int, list[np.ndarray]] = {k: [] for k in ks}
    for index, (clip, phase) in enumerate(zip(frames, phases, strict=True)):
        own = slice(starts[index], starts[index + 1])
        others = np.delete(support_phases, own)
        if len(clip) == 0 or len(others) == 0:
            continue
        distances = np.delete(squared_distances(clip, support), own, axis=1)
        matches = others[None, :] == phase[:, None]
        for k in ks:
            hits[k].append(share_of_matches(distances, matches, min(k, len(others))))
    return {k: float(np.concatenate(v).mean()) if v else float("nan") for k, v in hits.items()}
