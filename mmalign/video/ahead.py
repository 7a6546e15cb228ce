"""Pictures of a video, decoded by a thread ahead of their use."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from mmalign.video.decoding import Frame, decode
from mmalign.video.facts import VideoFacts

AHEAD_BYTES = 128 * 2**20
"""Memory for the pictures that wait."""


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
