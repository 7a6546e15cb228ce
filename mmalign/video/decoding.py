"""Pictures of a video, one after the other, decoded ahead of their use."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import av
import numpy as np
from numpy.typing import NDArray

from mmalign.video.facts import VideoFacts, decoded_pictures, open_video, video_stream

Frame = NDArray[np.uint8]
"""BGR ``(h, w, 3)``."""

AHEAD_BYTES = 128 * 2**20
"""Memory for the pictures that wait."""


def decode(
    facts: VideoFacts, wanted: NDArray[np.int64], threads: int = 0
) -> Iterator[Frame | None]:
    """Decode pictures of a video.

    Args:
        facts: The video.
        wanted: ``(T,)`` which, ascending (see :meth:`.VideoFacts.frames_at`).
        threads: Of the decoder; 0 for libav's choice.

    Yields:
        ``T`` times: the picture, turned as it is to be shown; None where it is damaged or lost. A
        picture that is wanted twice in a row comes as one array.
    """
    marks = facts.marks[wanted]
    # Half a usual frame: a decoder may round time stamps otherwise than the file does.
    steps = np.diff(facts.marks)
    slack = 0.0 if facts.numbered or not len(steps) else 0.4 * float(np.median(steps))
    at = 0
    for number, frame in enumerate(_pictures(facts.path, threads)):
        mark = number if facts.numbered else frame.pts
        if mark is None or frame.is_corrupt:
            continue
        while at < len(marks) and marks[at] < mark - slack:
            yield None
            at += 1
        if at < len(marks) and marks[at] <= mark + slack:
            picture = _upright(frame, facts.frame_size)
            while at < len(marks) and marks[at] <= mark + slack:
                yield picture
                at += 1
        if at == len(marks):
            return
    for _ in range(at, len(marks)):
        yield None


def _pictures(path: str, threads: int) -> Iterator[av.VideoFrame]:
    """All pictures of a file that can be decoded."""
    with open_video(path) as container:
        stream = video_stream(container, path)
        stream.thread_type = "AUTO"
        stream.codec_context.thread_count = threads
        yield from decoded_pictures(container, stream)


def _upright(frame: av.VideoFrame, size: tuple[int, int]) -> Frame:
    """A picture as BGR, turned and, where a stream changes its size, scaled to ``(h, w)``."""
    turns = frame.rotation // 90 % 4
    height, width = size if turns % 2 == 0 else size[::-1]
    picture = frame.to_ndarray(width=width, height=height, format="bgr24")
    return np.ascontiguousarray(np.rot90(picture, turns)).astype(np.uint8, copy=False)


@contextmanager
def decoded_ahead(
    facts: VideoFacts, wanted: NDArray[np.int64], threads: int = 0
) -> Iterator[Iterator[Frame | None]]:
    """Let a thread run :func:`decode` ahead of its use; on leaving it is stopped.

    Yields:
        What :func:`decode` does.
    """
    height, width = facts.frame_size
    room = int(np.clip(AHEAD_BYTES // (height * width * 3), 2, 64))
    waiting: queue.Queue[Frame | BaseException | None] = queue.Queue(room)
    stop = threading.Event()

    def put(item: Frame | BaseException | None) -> None:
        while not stop.is_set():
            try:
                return waiting.put(item, timeout=0.1)
            except queue.Full:
                continue

    def work() -> None:
        try:
            for frame in decode(facts, wanted, threads):
                put(frame)
                if stop.is_set():
                    return
        except BaseException as error:  # It is raised where the pictures are used.
            put(error)

    def take() -> Iterator[Frame | None]:
        for _ in range(len(wanted)):
            item = waiting.get()
            if isinstance(item, BaseException):
                raise item
            yield item

    thread = threading.Thread(target=work, name="decoder", daemon=True)
    thread.start()
    try:
        yield take()
    finally:
        stop.set()
        thread.join()
