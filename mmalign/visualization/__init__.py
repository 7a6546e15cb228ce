"""Figures."""

from mmalign.visualization.alignment_figure import draw_alignment

__all__ = ["draw_alignment"]
