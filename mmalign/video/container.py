"""Opening a video file: its stream of moving pictures, its packets, the pictures in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import av
from av.stream import Disposition
from av.video.stream import VideoStream

from mmalign.errors import InputError

VIDEO_SUFFIXES = (
    ".mp4", ".avi", ".mov", ".mkv", ".webm", ".m4v", ".mpg", ".mpeg", ".wmv", ".flv", ".3gp", ".ts",
    ".mts",
)  # fmt: skip
"""What a video's file name ends in, in small letters."""

EXPECTED = "expected a video that ffmpeg can decode"


def open_video(path: str) -> av.container.InputContainer:
    """Open a file for reading.

    Raises:
        InputError: If it is missing or nothing that libav knows.
    """
    file = Path(path)
    if not file.is_file():
        what = "a folder" if file.is_dir() else "no such file"
        raise InputError(f"{path}: {what}, {EXPECTED}; check the path")
    if not file.stat().st_size:
        raise InputError(f"{path}: an empty file (0 bytes), {EXPECTED}; copy it again")
    try:
        # Without the prefix libav takes what precedes a colon in a name for a protocol.
        return av.open(f"file:{path}", metadata_errors="replace")
    # Names that are not UTF-8 are a UnicodeError.
    except (av.FFmpegError, OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"{path}: not a readable video ({reason}), {EXPECTED}") from error


def video_stream(container: av.container.InputContainer, path: str) -> VideoStream:
    """The first stream of moving pictures; a record's cover does not count.

    Raises:
        InputError: If there is none.
    """
    for stream in container.streams.video:
        if not stream.disposition & Disposition.attached_pic:
            return stream
    kinds = {"cover" if one.type == "video" else one.type for one in container.streams}
    raise InputError(
        f"{path}: no pictures in it ({', '.join(sorted(kinds)) or 'nothing else'}), {EXPECTED};"
        " leave it out"
    )


def read_packets(
    container: av.container.InputContainer, stream: VideoStream
) -> Iterator[av.Packet]:
    """The packets of a stream that can be read, in the order of decoding."""
    try:
        for packet in container.demux(stream):
            if packet.size:
                yield packet
    except av.FFmpegError:
        return  # A file that was cut: what follows is missed when pictures are counted.


def decode_packets(packets: Iterable[av.Packet], stream: VideoStream) -> Iterator[av.VideoFrame]:
    """All pictures that can be decoded, in the order in which they are shown."""
    for packet in packets:
        yield from _decode(stream, packet)
    yield from _decode(stream, None)


def _decode(stream: VideoStream, packet: av.Packet | None) -> list[av.VideoFrame]:
    try:
        return stream.decode(packet)
    except av.FFmpegError:
        return []  # The decoder goes on at the next picture that it can make sense of.
