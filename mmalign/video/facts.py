"""What a video holds, before its pictures are decoded: size, frame times, rate."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from av.video.stream import VideoStream
from numpy.typing import ArrayLike, NDArray

from mmalign.errors import InputError
from mmalign.video.container import (
    EXPECTED,
    decode_packets,
    open_video,
    read_packets,
    video_stream,
)
from mmalign.video.upright import shown_size

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

    def nearest(self, seconds: ArrayLike) -> NDArray[np.int64]:
        """The picture nearest to each moment; in the middle of two, the earlier one.

        Args:
            seconds: Times since the first picture, of any shape.

        Returns:
            Indices into ``times``, of that shape.
        """
        middles = (self.times[1:] + self.times[:-1]) / 2
        # Rounding must not decide which of two is the earlier one.
        return np.searchsorted(middles, np.asarray(seconds) - 1e-9).astype(np.int64)

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
        return self.nearest(np.arange(int(self.times[-1] * rate + 1e-6) + 1) / rate)

    def frames_of(self, num_frames: int, fps: float) -> NDArray[np.int64]:
        """Which pictures the frames of a sequence are that was made of this video.

        A video of constant rate with one picture per frame shows each once, whatever both say of
        their rate.

        Args:
            num_frames: Length T of the sequence.
            fps: Its frames per second.

        Returns:
            ``(T,)`` indices into ``times``, ascending; the last picture after the video's end.
        """
        if self.constant and num_frames == len(self.times):
            return np.arange(num_frames)
        return self.nearest(np.arange(num_frames) / fps)


def read_video_facts(path: str | Path) -> VideoFacts:
    """Look at a video: its packets are listed, its first picture is decoded.

    Raises:
        InputError: If there is no such file, it is no video, or shows no picture.
    """
    source = str(path)
    with open_video(source) as container:
        stream = video_stream(container, source)
        marks, times, numbered = _clock(container, stream)
        stated = float(stream.average_rate or 0)
    if not len(marks):
        raise InputError(f"{source}: a video without pictures, {EXPECTED}; copy it again")
    fps, constant = _rate(times, stated)
    # Few pictures may have a long pause between them.
    if times[-1] * fps > _MOST_TIMES * max(len(times), _SHORT):
        raise InputError(
            f"{source}: {len(times)} pictures spread over {times[-1]:.0f} s at {fps:.4g} a second;"
            " its time stamps are wrong: write the file again, with ffmpeg"
        )
    size = _frame_size(source)
    return VideoFacts(source, size, times, marks, numbered, fps, constant)


def _clock(
    container: av.container.InputContainer, stream: VideoStream
) -> tuple[NDArray[np.int64], NDArray[np.float64], bool]:
    """Marks and times of the pictures, and whether the marks are numbers.

    What a file promises in its header and does not have is added at the end, at even steps.
    """
    shown: list[tuple[int | None, int | None]] = []
    hidden = 0
    for packet in read_packets(container, stream):
        if is_hidden(packet, stream):
            hidden += 1
        else:
            shown.append((packet.pts, packet.dts))
    if not shown:
        return np.zeros(0, np.int64), np.zeros(0), False
    avi = container.format.name == "avi"
    ticks = np.unique([pts for pts, _ in shown if pts is not None]).astype(np.int64)
    unit = float(stream.time_base or 1)
    # AVI has times of decoding alone: with B-frames, the others that libav makes up are in the
    # wrong order.
    numbered = avi or len(ticks) < len(shown)
    if numbered:
        ticks = np.unique([dts for _, dts in shown if dts is not None]).astype(np.int64)
        if len(ticks) < len(shown):
            ticks, unit = np.arange(len(shown)), 1 / float(stream.average_rate or 30)
    step = int(np.median(np.diff(ticks))) if len(ticks) > 1 else 1
    if avi:  # It counts the moments without a picture of their own too.
        missing = (stream.frames - 1 - int(ticks[-1])) // step
    else:
        # Of MP4 the index, from which an edit list takes away, and not all that is in the file.
        promised = len(stream.index_entries) if "mp4" in container.format.name else stream.frames
        missing = promised - hidden - len(ticks)
    missing = int(np.clip(missing, 0, (_MOST_TIMES - 1) * len(ticks)))
    ticks = np.concatenate([ticks, ticks[-1] + step * np.arange(1, missing + 1)])
    return (np.arange(len(ticks)) if numbered else ticks), (ticks - ticks[0]) * unit, numbered


def is_hidden(packet: av.Packet, stream: VideoStream) -> bool:
    """Whether a packet's picture is never shown: others are made of it."""
    if packet.is_discard:  # before the beginning that an edit list says
        return True
    # An alternative reference frame (RFC 6386, section 9.1: show_frame).
    return stream.codec_context.name in ("vp8", "libvpx") and not bytes(packet)[0] & 0x10


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


def _frame_size(path: str) -> tuple[int, int]:
    """Height and width of the first picture that can be decoded, as it is shown."""
    with open_video(path) as container:
        stream = video_stream(container, path)
        for frame in decode_packets(read_packets(container, stream), stream):
            return shown_size(frame)
    raise InputError(f"{path}: none of its pictures can be decoded, {EXPECTED}; copy it again")


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
