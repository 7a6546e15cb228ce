"""Figures and videos."""

from mmalign.video.writer import write_video
from mmalign.visualization.alignment_figure import draw_alignment
from mmalign.visualization.contact_sheet import draw_contact_sheet
from mmalign.visualization.heatmap_figure import draw_heatmaps
from mmalign.visualization.pose_video import pose_frames
from mmalign.visualization.view_pair import draw_view_pair

__all__ = [
    "draw_alignment",
    "draw_contact_sheet",
    "draw_heatmaps",
    "draw_view_pair",
    "pose_frames",
    "write_video",
]
