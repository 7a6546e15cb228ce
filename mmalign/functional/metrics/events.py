"""Event error: how far from the truth a phase boundary lands when it is mapped to another clip."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mmalign.errors import InputError
from mmalign.functional.dtw import dtw_paths
from mmalign.functional.metrics.neighbours import Support
from mmalign.functional.metrics.windows import inner_boundaries

ALIGNERS = ("nearest", "dtw")


def _map_frames(
    costs: list[np.ndarray], wanted: list[np.ndarray], aligner: str
) -> list[np.ndarray]:
    """Map the wanted frames of one clip into each of the others, given their distances."""
    if aligner == "nearest":
        return [cost[rows].argmin(axis=1) for cost, rows in zip(costs, wanted, strict=True)]
    mapped = []
    for cost, rows, path in zip(costs, wanted, dtw_paths(costs), strict=True):
        on_path = np.full(cost.shape, np.inf)
        on_path[path[:, 0], path[:, 1]] = cost[path[:, 0], path[:, 1]]
        mapped.append(on_path[rows].argmin(axis=1))
    return mapped


def event_error(
    embeddings: Sequence[np.ndarray],
    labels: Sequence[np.ndarray],
    num_frames: Sequence[int],
    aligner: str = "nearest",
) -> tuple[float, int]:
    """Mean error of phase boundaries mapped between windows (protocol, section 2).

    Over every ordered pair of windows and every boundary that lies inside both, the boundary's
    frame is mapped by the aligner; the error is ``|mapped - true| / T`` with T the length of the
    whole clip mapped to.

    Args:
        embeddings: Per window ``(w_i, D)``.
        labels: Per window ``(w_i,)`` phases, non-decreasing in time.
        num_frames: Length of the whole clip that each window was cut from.
        aligner: ``'nearest'`` (nearest neighbour by squared Euclidean distance) or ``'dtw'``: the
            nearest among the frames that the monotone path matches the boundary's frame with.

    Returns:
        The mean error (NaN if nothing could be mapped) and the number of boundaries mapped.

    Raises:
        InputError: If the aligner is unknown.
    """
    if aligner not in ALIGNERS:
        raise InputError(f"aligner: found {aligner!r}, expected one of {ALIGNERS}")
    num_phases = 1 + max(int(lab.max()) for lab in labels)
    inside = np.stack([inner_boundaries(lab, num_phases) for lab in labels])
    lengths = np.asarray(num_frames, dtype=np.float64)
    support = Support(np.concatenate(embeddings))
    starts = np.cumsum([0, *map(len, embeddings)])
    errors: list[np.ndarray] = []
    for query, embedding in enumerate(embeddings):
        common = (inside >= 0) & (inside[query] >= 0)
        common[query] = False
        others = np.flatnonzero(common.any(axis=1))
        if len(others) == 0:
            continue
        # Only the boundaries' frames have a say in what is nearest to them.
        rows = np.arange(len(embedding)) if aligner == "dtw" else np.unique(inside[query])
        distances = support.squared_distances(embedding[rows])
        costs = [distances[:, starts[o] : starts[o + 1]] for o in others]
        wanted = [np.searchsorted(rows, inside[query][common[o]]) for o in others]
        mapped = _map_frames(costs, wanted, aligner)
        for other, frames in zip(others, mapped, strict=True):
            errors.append(np.abs(frames - inside[other][common[other]]) / lengths[other])
    if not errors:
        return float("nan"), 0
    values = np.concatenate(errors)
    return float(values.mean()), len(values)
