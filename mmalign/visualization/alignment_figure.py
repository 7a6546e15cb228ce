"""Figure of two aligned sequences: matched frames joined by lines, and the distance matrix."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import ConnectionPatch

from mmalign.functional.dtw import dtw_path
from mmalign.functional.metrics.neighbours import squared_distances
from mmalign.functional.pose import fit_to_map
from mmalign.skeletons import Skeleton, get_skeleton

_COLOURS = ("#1f5fa8", "#c2410c")


@dataclass(frozen=True)
class EmbeddedPoses:
    """What is drawn of one sequence.

    Attributes:
        name: its title.
        keypoints: ``(T, K, 2)``.
        scores: ``(T, K)``, 0 = absent.
        embedding: ``(T, D)``.
        skeleton: name of the skeleton.
    """

    name: str
    keypoints: np.ndarray
    scores: np.ndarray
    embedding: np.ndarray
    skeleton: str


def draw_alignment(first: EmbeddedPoses, second: EmbeddedPoses, num_poses: int = 9) -> Figure:
    """Draw evenly spaced poses of ``first`` above the frames of ``second`` that they match.

    Frames are matched by the cheapest monotone path through the distances of the embeddings, which
    is drawn on the right over the distance matrix.

    Args:
        first: the sequence above.
        second: the sequence below; its poses stand where they are in time.
        num_poses: how many poses of ``first`` are drawn.

    Returns:
        A figure, to be saved by the caller.
    """
    distances = np.sqrt(squared_distances(first.embedding, second.embedding))
    path = dtw_path(distances)
    frames = np.linspace(0, len(first.keypoints) - 1, num_poses).round().astype(int)
    matched = np.array([int(np.median(path[path[:, 0] == frame, 1])) for frame in frames])

    figure = Figure(figsize=(13, 4.2), layout="constrained")
    grid = figure.add_gridspec(2, 2, width_ratios=(3.1, 1))
    strips = [figure.add_subplot(grid[row, 0]) for row in range(2)]
    for axes, poses, shown, colour in zip(
        strips, (first, second), (frames, matched), _COLOURS, strict=True
    ):
        _draw_strip(axes, poses, shown, colour)
    for a, b in zip(frames, matched, strict=True):
        figure.add_artist(
            ConnectionPatch(
                (a / (len(first.keypoints) - 1), 0.0),
                (b / (len(second.keypoints) - 1), 1.0),
                coordsA=strips[0].transData,
                coordsB=strips[1].transData,
                color="#888888",
                linewidth=0.9,
            )
        )
    _draw_matrix(figure.add_subplot(grid[:, 1]), distances, path, first.name, second.name)
    return figure


def _draw_strip(axes: Axes, poses: EmbeddedPoses, frames: np.ndarray, colour: str) -> None:
    """Poses along a time axis from 0 to 1, in a band from 0 to 1."""
    skeleton = get_skeleton(poses.skeleton)
    fitted = fit_to_map(poses.keypoints, poses.scores, (101, 101)) / 100
    width = 0.105
    last = len(poses.keypoints) - 1
    for frame in frames:
        xy = (fitted[frame] - 0.5) * [width, -0.84] + [frame / last, 0.52]
        _draw_pose(axes, xy, poses.scores[frame], skeleton, colour)
        axes.text(frame / last, 0.02, str(frame), ha="center", fontsize=7, color="#555555")
    axes.set(xlim=(-0.07, 1.07), ylim=(0, 1), xticks=[], yticks=[])
    axes.set_title(f"{poses.name}: {last + 1} frames", fontsize=10, loc="left")
    for side in axes.spines.values():
        side.set_color("#cccccc")


def _draw_pose(
    axes: Axes, xy: np.ndarray, scores: np.ndarray, skeleton: Skeleton, colour: str
) -> None:
    for a, b in skeleton.limbs:
        if min(scores[a], scores[b]) > 0:
            axes.plot(*xy[[a, b]].T, color=colour, linewidth=1.6, solid_capstyle="round")
    present = xy[scores > 0]
    axes.plot(*present.T, ".", color=colour, markersize=2.5)


def _draw_matrix(
    axes: Axes, distances: np.ndarray, path: np.ndarray, first: str, second: str
) -> None:
    axes.imshow(distances, aspect="auto", cmap="magma", origin="lower")
    axes.plot(path[:, 1], path[:, 0], color="#4ade80", linewidth=2)
    axes.set_xlabel(f"frames of {second}", fontsize=8)
    axes.set_ylabel(f"frames of {first}", fontsize=8)
    axes.tick_params(labelsize=7)
    axes.set_title("distance of the embeddings, alignment path", fontsize=9)
