"""Figure of the offset between two cameras' clocks."""

from __future__ import annotations

from matplotlib.figure import Figure

from mmalign.structures import Offset


def draw_offset(offset: Offset, reference: str, other: str) -> Figure:
    """Draw how alike the joints move at every offset that was tried, the one found marked.

    Args:
        offset: What was found.
        reference: Name of the recording that has the clock.
        other: Name of the other.

    Returns:
        A figure, to be saved by the caller.
    """
    figure = Figure(figsize=(6.4, 3.2), layout="constrained")
    axes = figure.subplots()
    axes.plot(offset.tried, offset.correlations, color="#2563eb", linewidth=1.4)
    axes.axvline(offset.seconds, color="#d9480f", linewidth=1.2, linestyle="--")
    axes.set_ylim(0, 1)
    axes.set_xlabel(f"start of {other} on the clock of {reference}, s")
    axes.set_ylabel("correlation")
    axes.set_title(
        f"{offset.seconds:+.4f} s, correlation {offset.correlation:.2f}", fontsize=10, loc="left"
    )
    return figure
