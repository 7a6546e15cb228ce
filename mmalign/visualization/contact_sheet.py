"""Contact sheets: a row of poses for every sequence, with its phases."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from mmalign.poses.pose_file import PoseSequence
from mmalign.poses.pose_index import SequenceEntry
from mmalign.skeletons import get_skeleton
from mmalign.visualization.oblique import oblique_view
from mmalign.visualization.skeleton_drawing import (
    CELL,
    PITCH,
    draw_strip,
    legend_handles,
    phase_colour,
    spread_frames,
)


@dataclass(frozen=True)
class ShownSequence:
    """A sequence and what the data set says of it.

    Attributes:
        entry: its line of the index.
        sequence: its poses.
        phases: names of its action's phases; may be empty.
    """

    entry: SequenceEntry
    sequence: PoseSequence
    phases: Sequence[str] = ()

    @property
    def title(self) -> str:
        """One line: what it is."""
        entry = self.entry
        return (
            f"{entry.id}   {entry.action}, {entry.split}, {entry.num_frames} frames at "
            f"{entry.fps:g} fps{'' if entry.labelled else ', no phases'}"
        )

    def phase_name(self, phase: int) -> str:
        """The name of a phase, or its number."""
        return self.phases[phase] if phase < len(self.phases) else f"phase {phase}"


def draw_contact_sheet(shown: Sequence[ShownSequence], title: str, num_frames: int = 10) -> Figure:
    """Draw evenly spaced frames of every sequence.

    Under each row stand the frames' numbers and phases and a bar of the clip's phases over time.
    Where a sequence has 3D poses, a second row shows the same frames from the side.

    Args:
        shown: the sequences.
        title: of the sheet.
        num_frames: poses per row.

    Returns:
        A figure, to be saved by the caller.
    """
    rows = [(item, solid) for item in shown for solid in (False, True) if _has(item, solid)]
    figure = Figure(figsize=(1.15 * num_frames, 1.62 * len(rows) + 0.8), layout="constrained")
    axes = figure.subplots(len(rows), 1, squeeze=False)[:, 0]
    for place, (item, solid) in zip(axes, rows, strict=True):
        _draw_row(place, item, solid, num_frames)
    figure.suptitle(title, fontsize=11, x=0.01, ha="left")
    figure.legend(handles=legend_handles(), loc="upper right", ncols=4, fontsize=8, frameon=False)
    return figure


def _has(item: ShownSequence, solid: bool) -> bool:
    return not solid or item.sequence.keypoints3d is not None


def _draw_row(axes: Axes, item: ShownSequence, solid: bool, count: int) -> None:
    sequence = item.sequence
    frames = spread_frames(sequence.num_frames, count)
    keypoints = sequence.keypoints
    if solid and sequence.keypoints3d is not None:
        keypoints = oblique_view(sequence.keypoints3d, keypoints, sequence.scores)
    draw_strip(axes, keypoints, sequence.scores, get_skeleton(sequence.skeleton), list(frames))
    for i, frame in enumerate(frames):
        text = str(frame)
        if sequence.labels is not None:
            name = item.phase_name(int(sequence.labels[frame]))
            text += "\n" + textwrap.shorten(name, 20, placeholder="…")
        place = (i * PITCH + CELL / 2, CELL + 3)
        axes.text(*place, text, ha="center", va="top", fontsize=6.5, color="#444444")
    width = count * PITCH
    axes.set(xlim=(-6, width), ylim=(CELL + 40, 0))
    if sequence.labels is not None:
        step = (width - PITCH + CELL) / sequence.num_frames
        starts = np.flatnonzero(np.diff(sequence.labels, prepend=-1))
        for a, e in zip(starts, [*starts[1:], sequence.num_frames], strict=True):
            colour = phase_colour(int(sequence.labels[a]))
            axes.add_patch(Rectangle((a * step, CELL + 33), (e - a) * step, 6, color=colour))
        for frame in frames:
            axes.plot([(frame + 0.5) * step], [CELL + 36], "|", color="#333333", markersize=5)
    note = "   3D poses, turned by 50°" if solid else ""
    axes.set_title(item.title + note, fontsize=8.5, loc="left", pad=2)
