"""Drawing skeletons: what colour a side has, how faint a doubtful joint is, how a strip is laid."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from mmalign.functional.pose import fit_to_map
from mmalign.skeletons import Skeleton
from mmalign.video.writer import Picture

LEFT, RIGHT, MIDDLE = "#1f6fd0", "#e0561b", "#5b6470"
# Distinguishable in this order, and apart from the sides' colours.
PHASE_COLOURS = ("#94c973", "#f2c14e", "#b49fdc", "#7fd1c9", "#f39ab5", "#c2b280", "#a9b4c2")
CELL = 100
PITCH = 108
# Binary digits of a pixel's fraction in OpenCV's drawing functions.
_SHIFT = 4


def joint_colours(skeleton: Skeleton) -> NDArray[np.floating]:
    """RGB ``(K, 3)`` in [0, 1]: the person's own left blue, right orange, neither grey."""
    colours = np.tile(to_rgb(MIDDLE), (skeleton.num_joints, 1))
    for left, right in skeleton.flip_pairs:
        colours[left], colours[right] = to_rgb(LEFT), to_rgb(RIGHT)
    return colours


def limb_colours(skeleton: Skeleton) -> NDArray[np.floating]:
    """RGB ``(L, 3)``: of the limb's sided joint; grey where it joins both sides or none."""
    colours = joint_colours(skeleton)
    middle = np.array(to_rgb(MIDDLE))
    chosen = np.tile(middle, (skeleton.num_limbs, 1))
    for i, limb in enumerate(skeleton.limbs):
        sides = {tuple(colours[joint]) for joint in limb} - {tuple(middle)}
        if len(sides) == 1:
            chosen[i] = sides.pop()
    return chosen


def opacity(scores: NDArray[np.floating]) -> NDArray[np.floating]:
    """How solid a joint of a score is drawn: 0 when absent, faint when occluded or doubtful."""
    return np.where(scores > 0, 0.15 + 0.85 * np.clip(scores, 0, 1) ** 2, 0.0)


def draw_skeleton(
    axes: Axes,
    keypoints: NDArray[np.floating],
    scores: NDArray[np.floating],
    skeleton: Skeleton,
    colour: str | None = None,
    width: float = 1.6,
) -> None:
    """Draw one pose; absent joints, and limbs that end in one, are left out.

    Args:
        axes: where to, in its data coordinates.
        keypoints: ``(K, 2)``.
        scores: ``(K,)`` in [0, 1].
        skeleton: the joints' layout.
        colour: of the whole pose, drawn solid; None for the sides' colours by :func:`opacity`.
        width: of the limbs, in points.
    """
    limbs = np.array(skeleton.limbs).reshape(-1, 2)
    limb_scores = scores[limbs].min(1)
    for points, found, colours in (
        (keypoints[limbs], limb_scores, limb_colours(skeleton)),
        (keypoints, scores, joint_colours(skeleton)),
    ):
        present = found > 0
        if colour is None:
            rgba = np.concatenate([colours, opacity(found)[:, None]], axis=1)[present]
        else:
            rgba = np.array([[*to_rgb(colour), 1.0]])
        if points.ndim == 3:
            lines = LineCollection(list(points[present]), colors=rgba, linewidths=width)
            axes.add_collection(lines)
        else:
            x, y = points[present].T
            axes.scatter(x, y, s=(1.6 * width) ** 2, c=rgba, linewidths=0, zorder=3)


def draw_strip(
    axes: Axes,
    keypoints: NDArray[np.floating],
    scores: NDArray[np.floating],
    skeleton: Skeleton,
    frames: Sequence[int | None],
) -> None:
    """Draw some frames of a clip side by side, all cropped to the clip's own box.

    Cell ``i`` is ``[i * PITCH, i * PITCH + CELL]`` by ``[0, CELL]`` in data coordinates, y down.

    Args:
        axes: where to.
        keypoints: ``(T, K, 2)`` of the whole clip.
        scores: ``(T, K)``.
        skeleton: the joints' layout.
        frames: which are drawn; None leaves a cell without a counterpart.
    """
    if (scores > 0).any():
        keypoints = fit_to_map(keypoints, scores, (CELL, CELL), margin=5)
    for i, frame in enumerate(frames):
        if frame is not None and (scores[frame] > 0).any():
            draw_skeleton(axes, keypoints[frame] + [i * PITCH, 0], scores[frame], skeleton)
        else:
            middle = (i * PITCH + CELL / 2, CELL / 2)
            lack = "no counterpart" if frame is None else "no joint"
            axes.text(*middle, lack, ha="center", va="center", fontsize=7, color="#999999")
    axes.set(xlim=(-6, len(frames) * PITCH), ylim=(CELL, 0), xticks=[], yticks=[], aspect="equal")
    axes.axis("off")


def legend_handles() -> list[Line2D]:
    """What the colours mean, for a figure's legend."""
    lines = [
        Line2D([], [], color=colour, linewidth=2, label=label)
        for colour, label in ((LEFT, "left"), (RIGHT, "right"), (MIDDLE, "middle"))
    ]
    return [*lines, Line2D([], [], color=MIDDLE, linewidth=2, alpha=0.35, label="low score")]


def phase_colour(phase: int) -> str:
    """The colour of a phase; they repeat after seven."""
    return PHASE_COLOURS[phase % len(PHASE_COLOURS)]


def spread_frames(num_frames: int, count: int) -> NDArray[np.intp]:
    """At most ``count`` evenly spaced frames from the first to the last, each once."""
    return np.unique(np.linspace(0, num_frames - 1, min(count, num_frames)).round().astype(np.intp))


def paint_skeleton(
    picture: Picture,
    keypoints: NDArray[np.floating],
    scores: NDArray[np.floating],
    skeleton: Skeleton,
    colours: tuple[NDArray[np.floating], NDArray[np.floating]] | None = None,
) -> None:
    """Draw one pose onto a picture, in place; absent joints are left out, doubtful ones lighter.

    Args:
        picture: RGB ``(H, W, 3)`` uint8, contiguous.
        keypoints: ``(K, 2)`` in the picture's pixels.
        scores: ``(K,)`` in [0, 1].
        skeleton: the joints' layout.
        colours: RGB in [0, 1] of the limbs ``(L, 3)`` and joints ``(K, 3)``; None for the sides'.
    """
    of_limbs, of_joints = colours or (limb_colours(skeleton), joint_colours(skeleton))
    points = np.round(keypoints * 2.0**_SHIFT).clip(-(2**18), 2**18).astype(int)
    limbs = np.array(skeleton.limbs).reshape(-1, 2)
    limb_scores = scores[limbs].min(1)
    inks = _inks(of_limbs, limb_scores)
    for limb in np.flatnonzero(limb_scores > 0):
        a, b = points[limbs[limb]].tolist()
        cv2.line(picture, a, b, inks[limb], 3, cv2.LINE_AA, _SHIFT)
    inks = _inks(of_joints, scores)
    for joint in np.flatnonzero(scores > 0):
        centre = points[joint].tolist()
        cv2.circle(picture, centre, 4 << _SHIFT, inks[joint], -1, cv2.LINE_AA, _SHIFT)


def _inks(colours: NDArray[np.floating], scores: NDArray[np.floating]) -> list[list[float]]:
    """Colours in [0, 255] on white; a faint one is a light one."""
    solid = opacity(scores)[:, None]
    return (255 * (solid * colours + 1 - solid)).tolist()
