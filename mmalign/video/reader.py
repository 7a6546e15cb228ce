"""Pictures of a video at given moments."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import av

from mmalign.errors import InputError
from mmalign.video.loop import check_video, good_frames
from mmalign.video.upright import Upright
from mmalign.video.writer import Picture

# A jump forward by more than this is a seek; less is decoded through.
_SEEK_SECONDS = 3.0


class VideoReader:
    """Any picture of a video; cheap when they ascend. Of lost ones the last good one is shown.

    Use it in a ``with`` statement. Opening it decodes the video once, to know how much is lost,
    unless this process has done so.

    Args:
        path: the video.

    Attributes:
        facts: what is known of it.

    Raises:
        InputError: If the file is missing, no video, or too much of it cannot be decoded.
    """

    def __init__(self, path: str | Path) -> None:
        self.facts = check_video(path)
        self._upright = Upright(self.facts.frame_size, "rgb24")
        self._frames: Iterator[tuple[int, av.VideoFrame]] = iter(())
        self._shown: tuple[int, av.VideoFrame] | None = None
        self._next: tuple[int, av.VideoFrame] | None = None

    def __enter__(self) -> VideoReader:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._frames, self._shown, self._next = iter(()), None, None

    def at(self, seconds: float) -> Picture:
        """The picture nearest to a time since the first one; the last one after the end.

        Returns:
            RGB ``(h, w, 3)`` uint8.
        """
        return self.picture(int(self.facts.nearest(seconds)))

    def picture(self, number: int) -> Picture:
        """A picture by its number, from 0.

        Returns:
            RGB ``(h, w, 3)`` uint8.
        """
        times = self.facts.times
        shown = self._shown
        if (
            shown is None
            or number < shown[0]
            or (not self.facts.numbered and times[number] > times[shown[0]] + _SEEK_SECONDS)
        ):
            shown = self._begin(number)
        while self._next is not None and self._next[0] <= number:
            shown, self._next = self._next, next(self._frames, None)
        self._shown = shown
        return self._upright(shown[1])

    def _begin(self, number: int) -> tuple[int, av.VideoFrame]:
        """Stand at or before a picture, or on the first good one of all."""
        for first in (number, 0):
            self._frames = good_frames(self.facts, first=first)
            shown = next(self._frames, None)
            if shown is not None and shown[0] <= number:
                break
        if shown is None:  # A video without good pictures was refused before.
            raise InputError(f"{self.facts.path}: was changed while it was read; run this again")
        self._next = next(self._frames, None)
        return shown
