"""Decoding a video from its first frame to its last, upright and with its own clock.

MMAction2's decoders are not used: they keep a whole video in memory at its full size, know no
frame times and leave a phone's recording lying on its side.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np

from mmalign.errors import InputError

TimedFrame = tuple[float, np.ndarray]
"""Seconds since the first frame, and RGB ``(h, w, 3)`` uint8."""


def decode_video(path: str | Path, decoder: str = "auto") -> Iterator[TimedFrame]:
    """Decode all frames of a video, one at a time.

    Args:
        path: the video.
        decoder: ``pyav``, ``opencv``, or ``auto`` for PyAV where it is installed.

    Yields:
        Time and picture of every frame.

    Raises:
        InputError: it is no video, has no frame, or breaks off with an error.
    """
    if decoder == "auto":
        decoder = "pyav" if find_spec("av") else "opencv"
    decode = _decode_pyav if decoder == "pyav" else _decode_opencv
    empty = True
    for frame in decode(str(path)):
        empty = False
        yield frame
    if empty:
        raise _broken(path, "it has no frame")


def _decode_pyav(path: str) -> Iterator[TimedFrame]:
    import av

    number, start = 0, 0.0
    try:
        with av.open(path) as container:
            if not container.streams.video:
                raise _broken(path, "it has no picture")
            stream = container.streams.video[0]
            stream.thread_type = "AUTO"
            rate = float(stream.average_rate or 25)
            for frame in container.decode(stream):
                if frame.is_corrupt:
                    raise _broken(path, f"frame {number} is damaged")
                seconds = number / rate if frame.time is None else frame.time
                start = seconds if number == 0 else start
                picture = frame.to_ndarray(format="rgb24")
                yield seconds - start, np.rot90(picture, frame.rotation // 90)
                number += 1
    except (av.FFmpegError, OSError) as error:
        raise _broken(path, f"{error.strerror or error}; {number} frames were read") from error


def _decode_opencv(path: str) -> Iterator[TimedFrame]:
    capture = cv2.VideoCapture(path)
    try:
        if not capture.isOpened():
            raise _broken(path, "OpenCV cannot open it")
        capture.set(cv2.CAP_PROP_ORIENTATION_AUTO, 1)
        start: float | None = None
        while True:
            found, picture = capture.read()
            if not found:
                return
            seconds = capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
            start = seconds if start is None else start
            yield seconds - start, picture[..., ::-1]
    finally:
        capture.release()


def _broken(path: str | Path, reason: str) -> InputError:
    return InputError(
        f"{path}: not a readable video ({reason}); expected a file that ffmpeg decodes to its end;"
        " convert it again or leave the sequence out"
    )
