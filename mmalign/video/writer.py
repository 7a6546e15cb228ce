"""Videos that play everywhere."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from mmalign.errors import InputError
from mmalign.fileio import atomic_write

# Much faster than what x264 does by itself, at the same rate factor.
_PRESET = "veryfast"

Picture = NDArray[np.uint8]
"""RGB ``(H, W, 3)``."""


def write_video(
    path: str | Path, frames: Iterable[Picture], fps: float, key_interval: int | None = None
) -> None:
    """Write frames as H.264 in an MP4, yuv420p, so that browsers play it; atomically.

    Args:
        path: the file, ``*.mp4``.
        frames: RGB ``(H, W, 3)`` uint8, all of one size; an odd last row or column is cut off.
        fps: frames per second.
        key_interval: frames from one key frame to the next; small for a video that is scrubbed,
            None for the encoder's choice.

    Raises:
        InputError: If the file cannot be written or the frame rate cannot be used.
    """
    with atomic_write(path) as temporary:
        try:
            rate = Fraction(fps).limit_denominator(1001)
            _encode(temporary, frames, rate, key_interval)
        except (av.FFmpegError, OverflowError) as error:
            raise InputError(
                f"{path}: cannot be encoded as H.264 at {fps:g} frames per second ({error}); "
                "correct the frame rate"
            ) from error


def _encode(path: Path, frames: Iterable[Picture], rate: Fraction, gop: int | None) -> None:
    # The index goes to the front: a browser starts before it has the whole file.
    with av.open(str(path), "w", options={"movflags": "faststart"}) as container:
        stream = container.add_stream("libx264", rate=rate, options={"preset": _PRESET})
        stream.pix_fmt = "yuv420p"
        if gop is not None:
            stream.gop_size, stream.max_b_frames = gop, 0
        for i, frame in enumerate(frames):
            height, width = (side - side % 2 for side in frame.shape[:2])
            if i == 0:
                stream.height, stream.width = height, width
            picture = np.ascontiguousarray(frame[:height, :width])
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
