"""One moment of the reference in all the other sequences, as a contact sheet."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mmalign.analysis.retrieval import find_in_all
from mmalign.structures.alignment import AlignmentResult
from mmalign.visualization.panel import OTHER_COLOUR, REFERENCE_COLOUR, Panel

_HEIGHT = 220
_COLUMNS = 8


def draw_moments(result: AlignmentResult, seconds: Sequence[float]) -> Figure:
    """Draw moments of the reference beside the frames of all others that match them.

    Args:
        result: an alignment.
        seconds: times in the reference, each the start of a row; one that is left out is said so.

    Returns:
        A figure, to be saved by the caller.

    Raises:
        InputError: If the reference has no such time or a video cannot be read.
    """
    columns = min(_COLUMNS, 1 + len(result.others))
    # The reference, then the others over as many rows as they need.
    per_moment = -(-len(result.others) // max(1, columns - 1))
    figure = Figure(
        figsize=(1.7 * columns, 1.95 * per_moment * len(seconds) + 0.2), layout="constrained"
    )
    axes = figure.subplots(per_moment * len(seconds), columns, squeeze=False)
    for place in axes.flat:
        place.axis("off")
    with ExitStack() as stack:
        panels = [Panel(one, _HEIGHT, stack) for one in (result.reference, *result.others)]
        for row, time in enumerate(seconds):
            poses = result.reference.poses
            frame = min(int(time * poses.fps + 0.5), poses.num_frames - 1)
            cell = axes[row * per_moment, 0]
            _show(
                cell, panels[0], frame, f"{result.reference.name}\n{time:.2f} s", REFERENCE_COLOUR
            )
            for i, moment in enumerate(find_in_all(result, time)):
                cell = axes[row * per_moment + i // (columns - 1), 1 + i % (columns - 1)]
                if moment is None:
                    cell.set_title(f"{result.others[i].name}\nleft out", fontsize=7)
                    continue
                title = (
                    f"{moment.other}\n{moment.seconds:.2f} s, confidence {moment.confidence:.2f}"
                )
                _show(cell, panels[1 + i], moment.frame, title, OTHER_COLOUR)
    return figure


def _show(axes: Axes, panel: Panel, frame: int, title: str, colour: str) -> None:
    axes.axis("on")
    axes.set(xticks=[], yticks=[])
    axes.imshow(panel.picture(frame))
    axes.set_title(title, fontsize=7)
    for spine in axes.spines.values():
        spine.set_color(colour)
