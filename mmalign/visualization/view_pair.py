"""Two augmented views of a sequence and which of their frames correspond (LA2DS, Fig. 3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import ConnectionPatch

from mmalign.functional.matching import correspondence
from mmalign.skeletons import Skeleton, get_skeleton
from mmalign.visualization.skeleton_drawing import (
    CELL,
    PITCH,
    draw_skeleton,
    draw_strip,
    legend_handles,
    spread_frames,
)

# The paper's: the original pink, the augmented one red.
_ORIGINAL, _AUGMENTED = "#f29ac0", "#c8102e"
_SMALL: dict[str, Any] = {"fontsize": 8.5, "loc": "left", "pad": 2}
# Room for the frames' numbers below a strip.
_TEXT = 14


def draw_view_pair(
    views: tuple[Mapping[str, Any], Mapping[str, Any]], title: str, num_frames: int = 10
) -> Figure:
    """Draw evenly spaced frames of both views, and lines to where view 1's are in view 0.

    The lowest row lays a frame of the second view over the frame of the first that it corresponds
    to, both in heatmap pixels: what the spatial augmentations did. Frames of the second view that
    lie outside the first have no line: they are masked out of the loss.

    Args:
        views: what the two pipelines of ``TwoViews`` gave, cropped: ``keypoint``,
            ``keypoint_score``, ``frame_inds``, ``skeleton``, ``img_shape``.
        title: of the figure.
        num_frames: poses per row.

    Returns:
        A figure, to be saved by the caller.
    """
    skeleton = get_skeleton(views[0]["skeleton"])
    place_of, known = _places(views[0]["frame_inds"], views[1]["frame_inds"])
    shown = [spread_frames(len(view["frame_inds"]), num_frames) for view in views]
    figure = Figure(figsize=(1.15 * num_frames, 5.6), layout="constrained")
    rows = figure.subplots(3, 1)
    for axes, view, frames in zip(rows, views, shown, strict=False):
        draw_strip(axes, view["keypoint"][0], view["keypoint_score"][0], skeleton, list(frames))
        for i, index in enumerate(view["frame_inds"][frames]):
            place = (i * PITCH + CELL / 2, CELL)
            axes.text(*place, f"{index:.4g}", ha="center", va="top", fontsize=7)
        axes.set(xlim=(-6, num_frames * PITCH), ylim=(CELL + _TEXT, 0))
    rows[0].set_title(_summary(0, views[0]), **_SMALL)
    below = "; lines lead to where its frames stand in view 0"
    rows[1].text(-6, CELL + 14, _summary(1, views[1]) + below, va="top", fontsize=8.5)
    for i in np.flatnonzero(known[shown[1]]):
        target = _across(place_of[shown[1][i]], shown[0])
        figure.add_artist(_line(rows[0], rows[1], target, i * PITCH + CELL / 2))
    _draw_overlays(rows[2], views, shown[1], place_of, known, skeleton)
    rows[2].set_xlim(-6, num_frames * PITCH)
    figure.suptitle(title, fontsize=10, x=0.01, ha="left")
    figure.legend(handles=legend_handles(), loc="upper right", ncols=4, fontsize=8, frameon=False)
    return figure


def _summary(number: int, view: Mapping[str, Any]) -> str:
    inds = view["frame_inds"]
    return (
        f"view {number}: {len(inds)} frames, from frame {inds[0]:.4g} to {inds[-1]:.4g} of the clip"
    )


def _places(inds0: np.ndarray, inds1: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where each frame of view 1 stands in view 0, and whether it does, as the loss has it."""
    a, b = (torch.from_numpy(np.asarray(inds))[None].float() for inds in (inds0, inds1))
    place, known = correspondence(a, b, torch.ones_like(a, dtype=torch.bool))
    return place[0].numpy(), known[0].numpy()


def _across(frame: float, shown: np.ndarray) -> float:
    """The x of a fractional frame among the cells of the frames shown."""
    return float(np.interp(frame, shown, np.arange(len(shown)))) * PITCH + CELL / 2


def _line(upper: Axes, lower: Axes, x_upper: float, x_lower: float) -> ConnectionPatch:
    return ConnectionPatch(
        (x_upper, CELL + _TEXT),
        (x_lower, 0),
        coordsA=upper.transData,
        coordsB=lower.transData,
        color="#7a8794",
        linewidth=1.0,
    )


def _draw_overlays(
    axes: Axes,
    views: tuple[Mapping[str, Any], Mapping[str, Any]],
    frames: np.ndarray,
    place_of: np.ndarray,
    known: np.ndarray,
    skeleton: Skeleton,
) -> None:
    unit = CELL / max(views[1]["img_shape"])
    for i, frame in enumerate(frames):
        drawn = [(views[1], int(frame), _AUGMENTED)]
        if known[frame]:
            drawn.insert(0, (views[0], int(round(place_of[frame])), _ORIGINAL))
        for view, t, colour in drawn:
            xy = view["keypoint"][0, t] * unit + [i * PITCH, 0]
            draw_skeleton(axes, xy, view["keypoint_score"][0, t], skeleton, colour, 1.3)
    axes.set(ylim=(CELL + 3, -3), aspect="equal")
    axes.axis("off")
    text = (
        "view 1 (red) over the frame of view 0 that it corresponds to (pink), in the map's pixels"
    )
    axes.set_title(text, **_SMALL)
