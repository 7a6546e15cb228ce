"""Frames beside poses: decoding, image folders, optical flow, depth, the cache on disk."""

from .cache import FrameClip, frame_clip
from .matching import MATCHING, matching_frames
from .reading import DECODERS, ReadingOptions, prepare_frames

__all__ = [
    "DECODERS",
    "MATCHING",
    "FrameClip",
    "ReadingOptions",
    "frame_clip",
    "matching_frames",
    "prepare_frames",
]
