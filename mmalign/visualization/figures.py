"""Figures of one alignment: similarity matrix, correspondence, matched frames."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from mmalign.skeletons import get_skeleton
from mmalign.structures.alignment import AlignedPair, AlignmentResult
from mmalign.visualization.skeleton_drawing import (
    CELL,
    PITCH,
    draw_strip,
    legend_handles,
    spread_frames,
)

_SIMILARITY = colormaps["Blues"]
_PATH = "#d9480f"


def similarity_picture(similarity: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Similarities ``(N, M)`` in [0, 1] as RGB ``(N, M, 3)``: the bluer, the more alike."""
    return _SIMILARITY(similarity, bytes=True)[..., :3]


def draw_similarity(pair: AlignedPair) -> Figure:
    """Draw the similarity of all frames with the alignment over it, axes in seconds.

    Each repetition is a line of its own. Without a similarity matrix the lines stand alone.

    Args:
        pair: an alignment.

    Returns:
        A figure, to be saved by the caller.
    """
    figure = Figure(figsize=(6.4, 5.2), layout="constrained")
    axes = figure.subplots()
    width, height = pair.other_frames / pair.other_fps, pair.reference_frames / pair.reference_fps
    if pair.similarity is not None:
        image = axes.imshow(
            pair.similarity,
            cmap=_SIMILARITY,
            vmin=0,
            vmax=1,
            origin="lower",
            aspect="auto",
            extent=(0, width, 0, height),
        )
        figure.colorbar(image, ax=axes, label="similarity", shrink=0.8)
    for frames in _executions(pair):
        # A pixel of the image is a frame: its moment is the pixel's middle.
        x, y = (frames + 0.5) / pair.other_fps, (pair.positions[frames] + 0.5) / pair.reference_fps
        axes.plot(x, y, color=_PATH, linewidth=1.8)
    axes.set(xlim=(0, width), ylim=(0, height))
    axes.set_xlabel(f"{pair.other}, s")
    axes.set_ylabel(f"{pair.reference}, s")
    axes.set_title(_verdict(pair), fontsize=10, loc="left")
    return figure


def draw_correspondence(pair: AlignedPair) -> Figure:
    """Draw where every frame stands in the reference as dots (Fig. 11), darker when more certain.

    Args:
        pair: an alignment.

    Returns:
        A figure, to be saved by the caller.
    """
    figure = Figure(figsize=(5.2, 5.0), layout="constrained")
    axes = figure.subplots()
    frames = np.flatnonzero(pair.matched)
    colours = np.zeros((len(frames), 4))
    colours[:, 3] = 0.15 + 0.85 * pair.confidence[frames]
    axes.scatter(frames, pair.positions[frames], s=9, c=colours, linewidths=0)
    for start, end in pair.repetitions:
        axes.axvspan(start - 0.5, end - 0.5, color="#e8eef7", zorder=0)
    axes.set(xlim=(-0.5, pair.other_frames - 0.5), ylim=(-0.5, pair.reference_frames - 0.5))
    axes.set_xlabel(f"frame of {pair.other}")
    axes.set_ylabel(f"frame of {pair.reference}")
    axes.set_title(_verdict(pair), fontsize=10, loc="left")
    return figure


def draw_matched_frames(result: AlignmentResult, index: int, num_frames: int = 10) -> Figure:
    """Draw evenly spaced frames of the reference, and below each the frame that matches it.

    As Fig. 8 and 9 of the paper do; of several executions the one that fits best is shown.

    Args:
        result: an alignment.
        index: which of ``result.others`` stands below the reference.
        num_frames: poses per row.

    Returns:
        A figure, to be saved by the caller.
    """
    pair, sequences = result.pairs[index], (result.reference, result.others[index])
    figure = Figure(figsize=(1.15 * num_frames, 3.4), layout="constrained")
    rows = figure.subplots(2, 1)
    above = spread_frames(result.reference.poses.num_frames, num_frames).tolist()
    places = pair.other_positions[above]
    below = [int(round(place)) if np.isfinite(place) else None for place in places]
    for axes, sequence, frames in zip(rows, sequences, (above, below), strict=True):
        poses = sequence.poses
        draw_strip(axes, poses.keypoints, poses.scores, get_skeleton(poses.skeleton), frames)
        _number(axes, frames, poses.fps)
        axes.set_xlim(-6, num_frames * PITCH)
        title = f"{sequence.name}: {poses.num_frames} frames at {poses.fps:g} fps"
        axes.set_title(title, fontsize=9, loc="left", pad=2)
    figure.legend(handles=legend_handles(), loc="upper right", ncols=4, fontsize=8, frameon=False)
    return figure


def _executions(pair: AlignedPair) -> list[NDArray[np.intp]]:
    """Matched frames, each repetition by itself."""
    intervals = pair.repetitions or [(0, pair.other_frames)]
    return [start + np.flatnonzero(pair.matched[start:end]) for start, end in intervals]


def _verdict(pair: AlignedPair) -> str:
    count = len(pair.repetitions)
    text = "1 execution" if count == 1 else f"{count} executions"
    if pair.verdict != "same":
        doubt = "probably not" if pair.verdict == "another" else "perhaps not"
        text += f", {doubt} the same activity (score {pair.same_activity:.2f})"
    return text + (", mirrored" if pair.mirrored else "")


def _number(axes: Axes, frames: Sequence[int | None], fps: float) -> None:
    """Write each cell's moment under it."""
    for cell, frame in enumerate(frames):
        if frame is None:
            continue
        place = (cell * PITCH + CELL / 2, CELL + 2)
        axes.text(
            *place, f"{frame / fps:.2f} s", ha="center", va="top", fontsize=7, color="#444444"
        )
