"""What the network is given of a pose: its joint maps and its limb maps."""

from __future__ import annotations

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from mmalign.functional.heatmap import pose_heatmaps
from mmalign.functional.pose import fit_to_map
from mmalign.poses.pose_file import PoseSequence
from mmalign.skeletons import get_skeleton
from mmalign.visualization.skeleton_drawing import (
    draw_skeleton,
    joint_colours,
    limb_colours,
    spread_frames,
)


def draw_heatmaps(
    sequence: PoseSequence, title: str, num_frames: int = 8, size: int = 30, sigma: float = 0.6
) -> Figure:
    """Draw poses over their joint maps, over their limb maps and as both are given (Eq. 1 and 2).

    The maps of all channels are drawn into one picture, each in its side's colour, the strongest
    on top: black is 0.

    Args:
        sequence: poses; they are cropped to the box of the whole sequence.
        title: of the figure.
        num_frames: how many frames are drawn.
        size: side of the maps in heatmap pixels.
        sigma: standard deviation in heatmap pixels.

    Returns:
        A figure, to be saved by the caller.
    """
    skeleton = get_skeleton(sequence.skeleton)
    frames = spread_frames(sequence.num_frames, num_frames)
    fitted = fit_to_map(sequence.keypoints, sequence.scores, (size, size))[frames]
    scores = sequence.scores[frames]
    figure = Figure(figsize=(1.35 * len(frames) + 0.4, 4.6), layout="constrained")
    grid = figure.subplots(3, len(frames), squeeze=False)
    for axes, xy, score in zip(grid[0], fitted, scores, strict=True):
        draw_skeleton(axes, xy, score, skeleton)
        axes.set(xlim=(-0.5, size - 0.5), ylim=(size - 0.5, -0.5), aspect="equal")
    for row, mode, colours in (
        (grid[1], "joint", joint_colours(skeleton)),
        (grid[2], "limb", limb_colours(skeleton)),
    ):
        xy, score = torch.from_numpy(fitted), torch.from_numpy(scores)
        maps = pose_heatmaps(xy, score, skeleton.limbs, (size, size), sigma, mode).numpy()
        for axes, frame_maps in zip(row, maps, strict=True):
            axes.imshow(_coloured(frame_maps, colours), interpolation="nearest")
    channels = (skeleton.num_joints, skeleton.num_limbs)
    for row, name in zip(
        grid, ("pose", f"{channels[0]} joint maps", f"{channels[1]} limb maps"), strict=True
    ):
        row[0].set_ylabel(name, fontsize=8)
    for axes, frame in zip(grid[0], frames, strict=True):
        axes.set_title(f"frame {frame}", fontsize=7.5)
    for axes in grid.flat:
        _frame(axes)
    figure.suptitle(f"{title}   {size}×{size}, σ = {sigma}", fontsize=10, x=0.01, ha="left")
    return figure


def _coloured(maps: NDArray[np.floating], colours: NDArray[np.floating]) -> NDArray[np.floating]:
    """Maps ``(C, H, W)`` as one picture ``(H, W, 3)`` in [0, 1]: per pixel the strongest map."""
    # Lighter than on paper: the colours stand on black.
    light = 0.35 + 0.65 * colours
    strongest = maps.argmax(0)
    return light[strongest] * maps.max(0)[..., None]


def _frame(axes: Axes) -> None:
    axes.set(xticks=[], yticks=[])
    for side in axes.spines.values():
        side.set_color("#cccccc")
