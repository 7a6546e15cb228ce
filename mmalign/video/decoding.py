"""Decoding: the pictures of a video that are wanted, and what becomes of damaged ones.

A picture that cannot be decoded, or only with errors, is lost. Where people are looked for, nobody
is there then; where pictures are drawn or learned from, the last good one is held (:func:`held`).
Of a usable video at most a tenth is lost; all other readers refuse it in the same words.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import repeat
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from mmalign.video.facts import VideoFacts
from mmalign.video.loop import good_frames
from mmalign.video.upright import Upright

Frame = NDArray[np.uint8]
"""BGR ``(h, w, 3)``."""

_Picture = TypeVar("_Picture")


def decode(
    facts: VideoFacts, wanted: NDArray[np.int64], threads: int = 0, layout: str = "bgr24"
) -> Iterator[Frame | None]:
    """Decode pictures of a video.

    Args:
        facts: The video.
        wanted: ``(T,)`` which, ascending (see :meth:`.VideoFacts.frames_at`).
        threads: Of the decoder; 0 for libav's choice.
        layout: ``bgr24`` or ``rgb24``.

    Yields:
        ``T`` times: the picture, as it is to be shown; None where it is lost. A picture that is
        wanted twice comes as one array.

    Raises:
        InputError: Before the last picture, if more than ``MOST_LOST`` of the video is lost.
    """
    show = Upright(facts.frame_size, layout)
    times = np.bincount(wanted, minlength=len(facts.times))
    begin = 0
    frames = good_frames(facts, threads)
    for number, frame in frames:
        picture = show(frame) if times[number] else None
        if number >= wanted[-1]:
            deque(frames, maxlen=0)  # What follows is lost or not, too.
        yield from repeat(None, int(times[begin:number].sum()))
        yield from repeat(picture, int(times[number]))
        begin = number + 1
    yield from repeat(None, int(times[begin:].sum()))


def held(pictures: Iterable[_Picture | None]) -> Iterator[_Picture]:
    """Put the last good picture in place of lost ones; before the first one, that one."""
    missed = 0
    shown: _Picture | None = None
    for picture in pictures:
        shown = shown if picture is None else picture
        if shown is None:
            missed += 1
            continue
        yield from repeat(shown, missed + 1)
        missed = 0
