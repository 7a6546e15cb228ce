"""Defects that show in the poses of one sequence."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from mmalign.functional.plausibility import body_jumps, exchanged_sides, seems_shuffled
from mmalign.poses.pose_file import PoseSequence
from mmalign.poses.repair import put_sides_right
from mmalign.skeletons import get_skeleton

MIN_FRAMES = 8
"""Shortest window of the trimmed protocol."""

CORNER = 2
"""Pixels; no joint of a visible person is likely to be so near to the corner."""

_MANY = 0.1
"""Share of the frames that are many."""

Defect = tuple[str, str]
"""What is wrong, and what to do."""


def pose_defects(sequence: PoseSequence) -> Iterator[Defect]:
    """All defects of a valid sequence."""
    for check in _CHECKS:
        yield from check(sequence)


def _length(sequence: PoseSequence) -> Iterator[Defect]:
    if sequence.num_frames < MIN_FRAMES:
        yield (
            f"fewer than {MIN_FRAMES} frames, the shortest window of the trimmed protocol",
            f"leave short clips out (min_frames={MIN_FRAMES} in the config)",
        )


def _rate(sequence: PoseSequence) -> Iterator[Defect]:
    if not 1 <= sequence.fps <= 1000:
        yield (
            "a frame rate outside 1 to 1000 fps",
            "correct the rate that the files state, or where they state none convert with --fps",
        )


def _empty_frames(sequence: PoseSequence) -> Iterator[Defect]:
    if (sequence.scores > 0).any(axis=1).mean() < 0.5:
        yield (
            "more than half of the frames show no joint",
            "leave the clip out, or detect its poses again",
        )


def _frame(sequence: PoseSequence) -> Iterator[Defect]:
    """Coordinates against the frame; a joint a little outside is nothing unusual."""
    points = sequence.keypoints[sequence.scores > 0]
    size = np.array(sequence.frame_size[::-1])
    if np.abs(points).max() <= 2 < size.min() / 8:
        yield (
            "coordinates within -2 to 2: they look divided by the frame size",
            "convert again with --coordinates shares and --frame-size",
        )
    elif ((points < 0) | (points >= size)).any(axis=1).mean() > 0.5:
        yield (
            f"more than half of the joints lie outside the frame of {size[0]}x{size[1]}",
            "correct the size that the files state, or where they state none convert with "
            "--frame-size",
        )


def _corner(sequence: PoseSequence) -> Iterator[Defect]:
    """Many files write a joint that they do not have as (0, 0) or (1, 1)."""
    within = (np.abs(sequence.keypoints) <= CORNER).all(axis=-1)[sequence.scores > 0]
    # Where all joints are in the corner it is the coordinates that are odd, see _frame.
    if within.any() and not within.all() and min(sequence.frame_size) > 8 * CORNER:
        yield (
            f"joints within {CORNER} pixels of the frame's corner (0, 0): mostly absent ones",
            "set their scores to 0 in the files and convert again",
        )


def _motion(sequence: PoseSequence) -> Iterator[Defect]:
    present = (sequence.scores[1:] > 0) & (sequence.scores[:-1] > 0)
    if not np.diff(sequence.keypoints, axis=0)[present].any():
        yield "no joint ever moves", "leave the clip out, or detect its poses again"


def _sides(sequence: PoseSequence) -> Iterator[Defect]:
    pairs = get_skeleton(sequence.skeleton).flip_pairs
    whole = exchanged_sides(sequence.keypoints, sequence.scores, pairs)
    if len(whole) or put_sides_right(sequence)[2].any():
        yield (
            "left and right change places between frames",
            "detect the poses again with `mmalign extract-poses`, which puts them right (--repair "
            "on; poses of another tool: --backend file), or leave the clip out",
        )


def _order(sequence: PoseSequence) -> Iterator[Defect]:
    """Frames that were shuffled jump in most places: one line is enough."""
    if seems_shuffled(sequence.keypoints, sequence.scores):
        yield (
            "frames seem not to be in the order in which they were taken",
            "look at the names or numbers of the source's frames, and convert again",
        )
    elif len(jumps := body_jumps(sequence.keypoints, sequence.scores, sequence.fps)):
        many = len(jumps) > _MANY * sequence.num_frames
        yield (
            "the whole body jumps " + ("in many frames" if many else "between frames"),
            "where several people are in the picture choose one with --person, else cut the clip "
            "there or leave it out",
        )


_CHECKS: tuple[Callable[[PoseSequence], Iterator[Defect]], ...] = (
    _length, _rate, _empty_frames, _frame, _corner, _motion, _sides, _order,
)  # fmt: skip
