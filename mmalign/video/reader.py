"""Pictures of a video at given moments."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import av
import numpy as np

from mmalign.errors import InputError
from mmalign.video.writer import Picture

# A jump forward by more than this is a seek; less is decoded through.
_SEEK_SECONDS = 3.0


class VideoReader:
    """The picture that a video shows at a moment; cheap when the moments ascend.

    Use it in a ``with`` statement.

    Args:
        path: the video.

    Raises:
        InputError: If the file is missing, no video, or cannot be decoded; on reading too.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = str(path)
        try:
            self._container = av.open(self.path)
            self._stream = self._container.streams.video[0]
        except (av.FFmpegError, OSError, IndexError) as error:
            raise self._broken(error) from error
        self._stream.thread_type = "AUTO"
        # Times are those since the first frame; a file's clock need not start at 0.
        self._frames: Iterator[av.VideoFrame] = iter(())
        self._shown, self._next = self._begin()
        self._start = self._shown.time or 0.0

    def __enter__(self) -> VideoReader:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._container.close()

    def at(self, seconds: float) -> Picture:
        """The picture shown at a time since the first frame; the last one after the end.

        Returns:
            RGB ``(h, w, 3)`` uint8.
        """
        # A moment computed from a frame's number must not fall before it by rounding.
        moment = self._start + seconds + 1e-4
        now = self._shown.time or 0.0
        if moment < now or moment > now + _SEEK_SECONDS:
            self._seek(moment)
        while self._next is not None and (self._next.time or 0.0) <= moment:
            self._shown, self._next = self._next, self._decode()
        picture = self._shown.to_ndarray(format="rgb24").astype(np.uint8, copy=False)
        return np.rot90(picture, self._shown.rotation // 90) if self._shown.rotation else picture

    def _begin(self) -> tuple[av.VideoFrame, av.VideoFrame | None]:
        """Decode from where the container stands."""
        self._frames = self._container.decode(self._stream)
        first = self._decode()
        if first is None:
            raise self._broken("it has no frames")
        return first, self._decode()

    def _seek(self, moment: float) -> None:
        """Stand on the key frame before a moment."""
        self._container.seek(int(max(moment, self._start) * 1e6))
        self._shown, self._next = self._begin()

    def _decode(self) -> av.VideoFrame | None:
        try:
            return next(self._frames, None)
        except av.FFmpegError as error:
            raise self._broken(error) from error

    def _broken(self, reason: object) -> InputError:
        return InputError(
            f"{self.path}: not a readable video ({reason}); expected a file that ffmpeg can decode;"
            " convert it or give the poses alone"
        )
