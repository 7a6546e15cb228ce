"""Reading and writing videos: one policy for damage, orientation, time and colour."""

from .ahead import decoded_ahead
from .container import VIDEO_SUFFIXES
from .decoding import Frame, decode, held
from .facts import VideoFacts, read_video_facts, video_seconds
from .loop import MOST_LOST, check_video
from .reader import VideoReader
from .writer import Picture, write_video

__all__ = [
    "MOST_LOST",
    "VIDEO_SUFFIXES",
    "Frame",
    "Picture",
    "VideoFacts",
    "VideoReader",
    "check_video",
    "decode",
    "decoded_ahead",
    "held",
    "read_video_facts",
    "video_seconds",
    "write_video",
]
