"""Figures of embeddings: retrieved frames (LA2DS, Fig. 10) and t-SNE maps (Fig. 12)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from mmalign.errors import InputError
from mmalign.functional.metrics.neighbours import squared_distances
from mmalign.functional.pose import fit_to_map
from mmalign.skeletons import get_skeleton
from mmalign.structures.alignment import AlignedSequence
from mmalign.visualization.skeleton_drawing import (
    CELL,
    PITCH,
    draw_skeleton,
    phase_colour,
    spread_frames,
)

_CLIPS = ("#0f766e", "#a21caf", "#b45309", "#1d4ed8", "#4d7c0f", "#be123c", "#6d28d9", "#0e7490")
_MOST_POINTS = 4000


def draw_retrieval(
    query: AlignedSequence,
    support: Sequence[AlignedSequence],
    num_queries: int = 5,
    k: int = 7,
) -> Figure:
    """Draw frames of one sequence and their nearest frames in others; wrong phases are boxed red.

    Args:
        query: a sequence with ``embedding``; its evenly spaced frames are on the left.
        support: sequences with ``embedding``, searched together.
        num_queries: rows.
        k: nearest frames per row.

    Returns:
        A figure, to be saved by the caller.

    Raises:
        InputError: If an embedding is missing or there is nothing to search.
    """
    pool = np.concatenate([_embedding(sequence) for sequence in support] or [np.empty((0, 1))])
    if not len(pool):
        raise InputError("support: found no sequence to search, expected at least one; add some")
    owners = np.concatenate([np.full(s.poses.num_frames, i) for i, s in enumerate(support)])
    places = np.concatenate([np.arange(s.poses.num_frames) for s in support])
    frames = spread_frames(query.poses.num_frames, num_queries)
    distances = squared_distances(_embedding(query)[frames], pool)
    nearest = np.argsort(distances, axis=1, kind="stable")[:, :k]
    figure = Figure(figsize=(1.15 * (k + 1), 1.35 * len(frames) + 0.5), layout="constrained")
    axes = figure.subplots()
    fitted = [_fitted(sequence) for sequence in (query, *support)]
    for row, frame in enumerate(frames):
        _draw_cell(axes, query, fitted[0], int(frame), 0, row, None)
        for column, found in enumerate(nearest[row], 1):
            owner, place = support[owners[found]], int(places[found])
            labels = (query.poses.labels, owner.poses.labels)
            right = None
            if labels[0] is not None and labels[1] is not None:
                right = bool(labels[0][frame] == labels[1][place])
            cell = fitted[1 + owners[found]]
            _draw_cell(axes, owner, cell, place, column, row, right)
    axes.axvline(PITCH - (PITCH - CELL) / 2, color="#9aa3ae", linewidth=1)
    height = len(frames) * (PITCH + 18)
    axes.set(xlim=(-6, (k + 1) * PITCH), ylim=(height, -16), aspect="equal")
    axes.axis("off")
    axes.text(CELL / 2, -6, "query", ha="center", fontsize=9, weight="bold")
    axes.text(PITCH, -6, "nearest frames; red box: another phase", fontsize=9)
    return figure


def draw_tsne(sequences: Sequence[AlignedSequence], by: str = "clip", seed: int = 0) -> Figure:
    """Map embeddings to the plane by t-SNE (Fig. 12).

    Args:
        sequences: with ``embedding``.
        by: what colours tell: ``clip`` (opacity grows with time), ``progress`` (from the first to
            the last frame) or ``phase``.
        seed: of the map.

    Returns:
        A figure, to be saved by the caller.

    Raises:
        InputError: If an embedding is missing, phases are asked for and missing, or there are
            fewer than 5 frames.
    """
    # Imported here: it takes a second, which no other figure needs.
    from sklearn.manifold import TSNE

    points = np.concatenate([_embedding(sequence) for sequence in sequences])
    if len(points) < 5:
        raise InputError(f"t-SNE: found {len(points)} frames, expected at least 5; add clips")
    owners = np.concatenate([np.full(s.poses.num_frames, i) for i, s in enumerate(sequences)])
    progress = np.concatenate([np.linspace(0, 1, s.poses.num_frames) for s in sequences])
    # Evenly thinned: t-SNE takes minutes for more.
    kept = np.unique(np.linspace(0, len(points) - 1, min(len(points), _MOST_POINTS)).astype(int))
    perplexity = min(30.0, (len(kept) - 1) / 3)
    plane = TSNE(perplexity=perplexity, init="pca", random_state=seed).fit_transform(points[kept])
    figure = Figure(figsize=(7.2, 5.6), layout="constrained")
    axes = figure.subplots()
    axes.set(xticks=[], yticks=[], title=f"t-SNE of {len(kept)} frames of {len(sequences)} clips")
    if by == "progress":
        shown = axes.scatter(
            plane[:, 0], plane[:, 1], c=progress[kept], cmap="viridis", s=9, linewidths=0
        )
        figure.colorbar(shown, ax=axes, label="progress of the clip", shrink=0.8)
        return figure
    if by == "phase":
        groups = np.concatenate([_labels(sequence) for sequence in sequences])[kept]
        palette = {int(g): (phase_colour(int(g)), f"phase {g}") for g in np.unique(groups)}
    else:
        groups = owners[kept]
        palette = {i: (_CLIPS[i % len(_CLIPS)], s.name) for i, s in enumerate(sequences)}
    colours = np.array([(*to_rgb(palette[int(group)][0]), 1.0) for group in groups])
    if by == "clip":
        colours[:, 3] = 0.12 + 0.88 * progress[kept]
    axes.scatter(plane[:, 0], plane[:, 1], c=colours, s=12, linewidths=0)
    # Past a dozen clips names say nothing.
    if len(palette) <= 12:
        dots = [Line2D([], [], marker="o", ls="", color=c, label=n) for c, n in palette.values()]
        axes.legend(handles=dots, fontsize=8, frameon=False, loc="best")
    return figure


def _draw_cell(
    axes: Axes,
    sequence: AlignedSequence,
    fitted: NDArray[np.floating],
    frame: int,
    column: int,
    row: int,
    right: bool | None,
) -> None:
    x, y = column * PITCH, row * (PITCH + 18)
    scores = sequence.poses.scores[frame]
    draw_skeleton(axes, fitted[frame] + [x, y], scores, get_skeleton(sequence.poses.skeleton))
    text = f"{sequence.name} {frame}"
    axes.text(x + CELL / 2, y + CELL + 4, text, ha="center", va="top", fontsize=6, color="#444444")
    if right is False:
        box = Rectangle((x - 2, y - 2), CELL + 4, CELL + 4, fill=False, ec="#d00000", lw=2)
        axes.add_patch(box)


def _fitted(sequence: AlignedSequence) -> NDArray[np.floating]:
    """Poses in a cell's pixels, the clip's box filling it."""
    poses = sequence.poses
    return fit_to_map(poses.keypoints, poses.scores, (CELL, CELL), margin=5)


def _embedding(sequence: AlignedSequence) -> NDArray[np.floating]:
    if sequence.embedding is None:
        raise InputError(f"{sequence.name}: has no embedding; embed it by a model first")
    return sequence.embedding


def _labels(sequence: AlignedSequence) -> NDArray[np.int64]:
    if sequence.poses.labels is None:
        raise InputError(f"{sequence.name}: has no phase labels; colour by clip or progress")
    return sequence.poses.labels
