"""The one loop that decodes: the pictures of a video that are not lost, and their numbers."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path

import av
import numpy as np
from av.video.stream import VideoStream
from numpy.typing import NDArray

from mmalign.errors import InputError
from mmalign.video.container import decode_packets, open_video, read_packets, video_stream
from mmalign.video.facts import VideoFacts, is_hidden, read_video_facts

MOST_LOST = 0.1
"""A video of whose pictures a larger share is lost is not used."""

# Seconds before a picture from which on a key frame is looked for: what a container is sought by
# are often times of decoding, which are earlier than those of showing.
_BEFORE = 1.0

_usable: set[tuple[str, int, int]] = set()


def check_video(path: str | Path) -> VideoFacts:
    """Look at a video and make sure, by decoding it once, that it can be used.

    Raises:
        InputError: If it cannot be opened or more than ``MOST_LOST`` of it is lost.
    """
    facts = read_video_facts(path)
    if _identity(facts.path) not in _usable:
        deque(good_frames(facts), maxlen=0)
    return facts


def good_frames(
    facts: VideoFacts, threads: int = 0, first: int = 0
) -> Iterator[tuple[int, av.VideoFrame]]:
    """Go through the pictures that are not lost; what all readers use.

    What a damaged picture costs others depends on the number of threads. Therefore one thread
    decodes from the first one that is lost.

    Args:
        facts: The video.
        threads: Of the decoder; 0 for libav's choice.
        first: Number of a picture; it begins at a key frame before it, if one can be found.

    Yields:
        Its number and the picture, by ascending numbers.

    Raises:
        InputError: As soon as more than ``MOST_LOST`` of the video are known to be lost, if it is
            decoded from its beginning.
    """
    count, lost = len(facts.times), 0
    following = None if first else 0
    for alone in dict.fromkeys((threads == 1, True)):
        for number, frame in _numbered(facts, 1 if alone else threads, first):
            following = number if following is None else following
            if number > following and not alone:
                break
            if number >= following:
                lost += number - following
                _check_lost(facts, lost)
                following = number + 1
                yield number, frame
        if following == count:
            break
    if not first:
        _check_lost(facts, lost + count - (following or 0))
        _usable.add(_identity(facts.path))


def _check_lost(facts: VideoFacts, lost: int) -> None:
    if lost > MOST_LOST * len(facts.times):
        raise InputError(
            f"{facts.path}: more than {MOST_LOST:.0%} of its {len(facts.times)} pictures cannot be"
            " decoded; the file is damaged or was cut: copy it again"
        )


def _identity(path: str) -> tuple[str, int, int]:
    stat = Path(path).stat()
    return path, stat.st_size, stat.st_mtime_ns


def _numbered(facts: VideoFacts, threads: int, first: int) -> Iterator[tuple[int, av.VideoFrame]]:
    """Pictures that were decoded without errors, and their numbers."""
    with open_video(facts.path) as container:
        stream = video_stream(container, facts.path)
        # Threads that share a picture do not say that it is damaged.
        stream.thread_type = "FRAME"
        stream.codec_context.thread_count = threads
        packets = read_packets(container, stream)
        if facts.numbered:
            pairs = _counted(decode_packets(_stamp(packets, stream), stream), stream)
        else:
            if first:
                unit = float(stream.time_base or 1)
                _seek(container, stream, int(facts.marks[first] - _BEFORE / unit))
            pairs = _timed(decode_packets(packets, stream), facts.marks)
        for number, frame in pairs:
            if number < len(facts.marks) and not frame.is_corrupt:
                yield number, frame


def _timed(
    frames: Iterable[av.VideoFrame], marks: NDArray[np.int64]
) -> Iterator[tuple[int, av.VideoFrame]]:
    """Pictures of known time stamps, and which they are."""
    # Half a usual frame: a decoder may round time stamps otherwise than the file does.
    slack = 0.4 * float(np.median(np.diff(marks))) if len(marks) > 1 else 0.0
    for frame in frames:
        if frame.pts is not None:
            number = int(np.searchsorted(marks, frame.pts - slack))
            if number < len(marks) and marks[number] <= frame.pts + slack:
                yield number, frame


def _counted(
    frames: Iterable[av.VideoFrame], stream: VideoStream
) -> Iterator[tuple[int, av.VideoFrame]]:
    """Pictures that are counted; where decoding begins anew, by the packets before."""
    number = -1
    for frame in frames:
        # A decoder keeps quiet about pictures that it leaves out.
        begins = frame.key_frame or not stream.codec_context.has_b_frames
        number = max(number + 1, frame.pts or 0) if begins else number + 1
        yield number, frame


def _stamp(packets: Iterable[av.Packet], stream: VideoStream) -> Iterator[av.Packet]:
    """Write into each packet how many were before it, in the order of decoding."""
    number = 0
    for packet in packets:
        packet.pts = number
        number += not is_hidden(packet, stream)
        yield packet


def _seek(container: av.container.InputContainer, stream: VideoStream, mark: int) -> None:
    try:
        container.seek(mark, stream=stream)
    except av.FFmpegError:
        pass  # It is decoded from wherever it stands.
