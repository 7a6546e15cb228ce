"""What a video holds, before its pictures are decoded: size, frame times, rate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from av.stream import Disposition
from av.video.stream import VideoStream
from numpy.typing import NDArray

from mmalign.errors import InputError

VIDEO_SUFFIXES = (
    ".mp4", ".avi", ".mov", ".mkv", ".webm", ".m4v", ".mpg", ".mpeg", ".wmv", ".flv", ".3gp", ".ts",
    ".mts",
)  # fmt: skip
"""What a video's file name ends in, in small letters."""

_EXPECTED = "expected a video that ffmpeg can decode"
# A header or a time stamp that promises this many times the pictures that there are is wrong: it
# would be as many frames to work on.
_MOST_TIMES = 100
_SHORT = 1000


@dataclass(frozen=True)
class VideoFacts:
    """A video that can be opened and shows at least one picture.

    Attributes:
        path: Its file.
        frame_size: ``(h, w)`` in pixels as it is shown: turned by its display matrix.
        times: ``(N,)`` float64: when each picture is shown, in seconds since the first; ascending.
        marks: ``(N,)`` int64: what a decoded picture is known by, ascending: its time stamp in the
            stream's unit, or its number where the file has no time stamps to rely on.
        numbered: Whether ``marks`` are numbers.
        fps: Pictures per second; for a variable rate, that of most of the video.
        constant: Whether every picture lies within half a frame of that rate's grid.
    """

    path: str
    frame_size: tuple[int, int]
    times: NDArray[np.float64]
    marks: NDArray[np.int64]
    numbered: bool
    fps: float
    constant: bool

    def frames_at(self, fps: float | None) -> NDArray[np.int64]:
        """Which pictures make a sequence of a constant rate: for each tick the nearest one.

        Args:
            fps: The rate; None for the video's own, which takes each picture of a video of
                constant rate once.

        Returns:
            ``(T,)`` indices into ``times``, ascending; a picture stands twice where the rate is
            higher than the video's.
        """
        if fps is None and self.constant:
            return np.arange(len(self.times))
        rate = fps or self.fps
        ticks = np.arange(int(self.times[-1] * rate + 1e-6) + 1) / rate
        middles = (self.times[1:] + self.times[:-1]) / 2
        # A tick in the middle of two pictures takes the earlier one, whatever rounding says.
        return np.searchsorted(middles, ticks - 1e-9).astype(np.int64)


def read_video_facts(path: str | Path) -> VideoFacts:
    """Look at a video: its packets are listed, its first picture is decoded.

    Raises:
        InputError: If there is no such file, it is no video, or shows no picture.
    """
    source = str(path)
    with open_video(source) as container:
        stream = video_stream(container, source)
        marks, numbered = _marks(container, stream)
        unit = 1 / (stream.average_rate or 30) if numbered else stream.time_base
        stated = float(stream.average_rate or 0)
    if not len(marks):
        raise InputError(f"{source}: a video without pictures, {_EXPECTED}; copy it again")
    times = (marks - marks[0]) * float(unit or 1)
    fps, constant = _rate(times, stated)
    # Few pictures may have a long pause between them.
    if times[-1] * fps > _MOST_TIMES * max(len(times), _SHORT):
        raise InputError(
            f"{source}: {len(times)} pictures spread over {times[-1]:.0f} s at {fps:.4g} a second;"
            " its time stamps are wrong: write the file again, with ffmpeg"
        )
    size = _frame_size(source)
    return VideoFacts(source, size, times, marks, numbered, fps, constant)


def open_video(path: str) -> av.container.InputContainer:
    """Open a file for reading.

    Raises:
        InputError: If it is missing or nothing that libav knows.
    """
    file = Path(path)
    if not file.is_file():
        what = "a folder" if file.is_dir() else "no such file"
        raise InputError(f"{path}: {what}, {_EXPECTED}; check the path")
    if not file.stat().st_size:
        raise InputError(f"{path}: an empty file (0 bytes), {_EXPECTED}; copy it again")
    try:
        return av.open(path)
    except (av.FFmpegError, OSError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"{path}: not a readable video ({reason}), {_EXPECTED}") from error


def video_stream(container: av.container.InputContainer, path: str) -> VideoStream:
    """The first stream of moving pictures; a record's cover does not count.

    Raises:
        InputError: If there is none.
    """
    for stream in container.streams.video:
        if not stream.disposition & Disposition.attached_pic:
            return stream
    kinds = ", ".join(sorted({stream.type for stream in container.streams})) or "nothing else"
    raise InputError(f"{path}: no pictures in it ({kinds}), {_EXPECTED}; leave it out")


def _marks(
    container: av.container.InputContainer, stream: VideoStream
) -> tuple[NDArray[np.int64], bool]:
    """What the pictures are known by, and whether that is their number."""
    stamps: list[int | None] = []
    hidden = 0
    try:
        for packet in container.demux(stream):
            if packet.is_discard:
                hidden += 1  # decoded for the sake of others, before an edit list's begin
            elif packet.size:
                stamps.append(packet.pts)
    except av.FFmpegError:
        pass  # What cannot be read will be missed when it is decoded.
    count = max(len(stamps), min(stream.frames - hidden, _MOST_TIMES * len(stamps)))
    known = np.unique([stamp for stamp in stamps if stamp is not None]).astype(np.int64)
    # AVI has no time stamps: with B-frames, those that libav makes up are in the wrong order.
    if container.format.name == "avi" or len(known) < len(stamps):
        return np.arange(count), True
    # A file that was cut promises more pictures than it has packets.
    step = int(np.median(np.diff(known))) if len(known) > 1 else 1
    promised = known[-1:] + step * np.arange(1, count - len(known) + 1)
    return np.concatenate([known, promised]), False


def _rate(times: NDArray[np.float64], stated: float) -> tuple[float, bool]:
    """Pictures per second, and whether they are evenly spaced."""
    if len(times) < 2:
        return stated or 30.0, True
    steps = np.diff(times)
    # Without the pauses of a video that leaves out pictures when nothing moves.
    usual = 1 / steps[steps <= 1.5 * np.median(steps)].mean()
    even = np.arange(len(times)) * (times[-1] / (len(times) - 1))
    constant = bool((np.abs(times - even) < 0.5 / usual).all())
    mean = (len(times) - 1) / times[-1] if constant else usual
    return (stated if abs(mean - stated) < 0.01 * stated else float(mean)), constant


def decoded_pictures(
    container: av.container.InputContainer, stream: VideoStream
) -> Iterator[av.VideoFrame]:
    """All pictures that can be decoded, in the order in which they are shown."""
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
            if packet is None:
                return
            frames = packet.decode()
        except av.InvalidDataError:
            continue  # The decoder goes on at the next picture it can make sense of.
        except av.FFmpegError:
            return
        yield from frames


def _frame_size(path: str) -> tuple[int, int]:
    """Height and width of the first picture that can be decoded, as it is shown."""
    with open_video(path) as container:
        for frame in decoded_pictures(container, video_stream(container, path)):
            size = frame.height, frame.width
            return size if frame.rotation % 180 == 0 else size[::-1]
    raise InputError(f"{path}: none of its pictures can be decoded, {_EXPECTED}; copy it again")


def video_seconds(video: str | Path) -> float | None:
    """How long a video says that it lasts, or None where it does not say.

    Raises:
        InputError: If it is no video.
    """
    with open_video(str(video)) as container:
        stream = video_stream(container, str(video))
        if stream.duration is not None and stream.time_base is not None:
            return float(stream.duration * stream.time_base)
        return container.duration / 1e6 if container.duration else None  # In AV_TIME_BASE.
