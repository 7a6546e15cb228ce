"""Videos of an aligned pair, re-timed to the reference: side by side, and one over the other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import cv2
import numpy as np
from matplotlib.colors import to_rgb
from numpy.typing import NDArray

from mmalign.functional.overlay import Placement, fit_placement
from mmalign.skeletons import Skeleton, get_skeleton
from mmalign.structures.alignment import AlignmentResult
from mmalign.video.writer import Picture, write_video
from mmalign.visualization.panel import OTHER_COLOUR, REFERENCE_COLOUR, Panel, write_label
from mmalign.visualization.skeleton_drawing import paint_skeleton
from mmalign.visualization.timeline import MATCHED, Timeline, reference_timeline

_GAP = 8
_HEADER = 30


def write_side_by_side(
    result: AlignmentResult,
    index: int,
    path: str | Path,
    height: int = 360,
    skeleton: bool = True,
) -> None:
    """Write the reference and one other side by side, both at the reference's tempo.

    From their videos where there are, else drawn skeletons. Where the reference has no
    counterpart, the other is held and paled.

    Args:
        result: an alignment.
        index: which of ``result.others``.
        path: the MP4.
        height: of the pictures in pixels.
        skeleton: whether poses are drawn over videos.

    Raises:
        InputError: If a video cannot be read or the file cannot be written.
    """
    pair = result.pairs[index]
    timeline = reference_timeline(pair)
    with ExitStack() as stack:
        panels = [Panel(s, height, stack) for s in (result.reference, result.others[index])]
        names = [result.reference.name, result.others[index].name]
        rates = (pair.reference_fps, pair.other_fps)
        write_video(path, _side_by_side(panels, names, rates, timeline, skeleton), timeline.fps)


def _side_by_side(
    panels: list[Panel],
    names: list[str],
    rates: tuple[float, float],
    timeline: Timeline,
    skeleton: bool,
) -> Iterator[Picture]:
    height = panels[0].size[0] + _HEADER
    width = panels[0].size[1] + _GAP + panels[1].size[1]
    for frames in zip(timeline.reference, timeline.other, timeline.kind, strict=True):
        canvas = np.full((height, width, 3), 255, np.uint8)
        left = 0
        for side, (panel, name) in enumerate(zip(panels, names, strict=True)):
            picture = panel.picture(frames[side], skeleton)
            note = ""
            if side == 1 and frames[2] != MATCHED:
                picture, note = _pale(picture), "  no counterpart"
            right = left + panel.size[1]
            canvas[_HEADER:, left:right] = picture
            colour = (REFERENCE_COLOUR, OTHER_COLOUR)[side]
            canvas[_HEADER - 3 : _HEADER, left:right] = _rgb(colour)
            text = f"{name}  {frames[side] / rates[side]:.2f} s{note}"
            write_label(canvas, text, left + 4, panel.size[1] - 8)
            left = right + _GAP
        yield canvas


def write_ghost_overlay(
    result: AlignmentResult, index: int, path: str | Path, height: int = 480
) -> None:
    """Write one other laid over the reference, frame by matched frame.

    The other is scaled and shifted, and mirrored where the alignment is, so that the bodies lie on
    each other; its pose is drawn in orange, the reference's in blue. Where the reference has no
    counterpart it stands alone.

    Args:
        result: an alignment.
        index: which of ``result.others``.
        path: the MP4.
        height: of the pictures in pixels.

    Raises:
        InputError: If a video cannot be read or the file cannot be written.
    """
    pair = result.pairs[index]
    timeline = reference_timeline(pair)
    with ExitStack() as stack:
        panels = [Panel(s, height, stack) for s in (result.reference, result.others[index])]
        frames = _ghost(result, index, panels, timeline)
        write_video(path, frames, timeline.fps)


def _ghost(
    result: AlignmentResult, index: int, panels: list[Panel], timeline: Timeline
) -> Iterator[Picture]:
    reference, other = result.reference, result.others[index]
    placement = place_over(result, index, timeline)
    skeletons = [panel.skeleton for panel in panels]
    flip = skeletons[1].flip_index if result.pairs[index].mirrored else slice(None)
    colours = [
        _all_of(colour, skeleton)
        for colour, skeleton in zip((REFERENCE_COLOUR, OTHER_COLOUR), skeletons, strict=True)
    ]
    size = panels[0].size
    for place, match, kind in zip(timeline.reference, timeline.other, timeline.kind, strict=True):
        a, b = int(round(place)), int(round(match))
        canvas = _backdrop(panels[0], a)
        if kind == MATCHED and placement is not None:
            if other.video is not None:
                canvas = _blend(canvas, panels[1], b, placement, panels[0].placement)
            points = panels[0].placement(placement(other.poses.keypoints[b][flip]))
            paint_skeleton(canvas, points, other.poses.scores[b][flip], skeletons[1], colours[1])
        points = panels[0].placement(reference.poses.keypoints[a])
        paint_skeleton(canvas, points, reference.poses.scores[a], skeletons[0], colours[0])
        framed = np.full((size[0] + _HEADER, size[1], 3), 255, np.uint8)
        framed[_HEADER:] = canvas
        note = f"  +  {other.name}" if kind == MATCHED else "  no counterpart"
        text = f"{reference.name}  {place / timeline.fps:.2f} s{note}"
        write_label(framed, text, 4, size[1] - 8)
        yield framed


def place_over(result: AlignmentResult, index: int, timeline: Timeline) -> Placement | None:
    """How one other is laid over the reference, in pixels of both videos; None if it cannot be.

    Skeletons may differ: joints of the same name lie on each other.
    """
    at = timeline.kind == MATCHED
    pair, poses = result.pairs[index], result.others[index].poses
    flip = get_skeleton(poses.skeleton).flip_index if pair.mirrored else slice(None)
    a, b = timeline.reference[at].round().astype(int), timeline.other[at].round().astype(int)
    goal = result.reference.poses
    joints = [get_skeleton(one.skeleton).joints for one in (poses, goal)]
    shared = [name for name in joints[0] if name in joints[1]]
    of, to = ([names.index(name) for name in shared] for names in joints)
    source = (poses.keypoints[b][:, flip][:, of], poses.scores[b][:, flip][:, of])
    return fit_placement(source, (goal.keypoints[a][:, to], goal.scores[a][:, to]), pair.mirrored)


def _backdrop(panel: Panel, index: int) -> Picture:
    if panel.sequence.video is None:
        return np.full((*panel.size, 3), 255, np.uint8)
    return panel.picture(index, skeleton=False)


def _blend(canvas: Picture, panel: Panel, index: int, over: Placement, shown: Placement) -> Picture:
    """Lay half of the other's picture over the reference's."""
    picture = panel.picture(index, skeleton=False)
    # From the other's picture to its video, over the reference's video, to the canvas.
    unscale = np.vstack([panel.placement.matrix, [0, 0, 1]])
    chain = np.vstack([shown.matrix, [0, 0, 1]]) @ np.vstack([over.matrix, [0, 0, 1]])
    matrix = (chain @ np.linalg.inv(unscale))[:2]
    size = (canvas.shape[1], canvas.shape[0])
    ghost = cv2.warpAffine(picture, matrix, size, borderMode=cv2.BORDER_REPLICATE)
    inside = cv2.warpAffine(np.ones(picture.shape[:2], np.float32), matrix, size)[..., None] / 2
    return np.asarray((1 - inside) * canvas + inside * ghost).astype(np.uint8)


def _pale(picture: Picture) -> Picture:
    return (picture // 3 + 170).astype(np.uint8)


def _all_of(colour: str, skeleton: Skeleton) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """One colour for all limbs and joints."""
    rgb = _rgb(colour) / 255
    return np.tile(rgb, (skeleton.num_limbs, 1)), np.tile(rgb, (skeleton.num_joints, 1))


def _rgb(colour: str) -> NDArray[np.float64]:
    return np.array(to_rgb(colour), dtype=np.float64) * 255
