"""Frames beside poses: videos, image folders, optical flow, depth, the cache on disk."""

from .cache import FrameClip, frame_clip
from .matching import MATCHING, matching_frames
from .reading import ReadingOptions, prepare_frames

__all__ = [
    "MATCHING",
    "FrameClip",
    "ReadingOptions",
    "frame_clip",
    "matching_frames",
    "prepare_frames",
]
