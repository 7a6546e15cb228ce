"""A decoded picture as it is to be shown: upright, of the video's size, in 8 bits per colour."""

from __future__ import annotations

import av
import numpy as np
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

_PQ = 16
"""SMPTE ST 2084 among the transfer characteristics of ITU-T H.273."""


class Upright:
    """Makes arrays of decoded pictures.

    They are turned and mirrored as their display matrix says; where a stream changes its size, they
    are scaled. Matrix, range and bits of the colours are those that the picture says. HDR of the
    kind PQ is made SDR (``PQ_TO_SDR``); HLG is made to be shown on SDR screens as it is
    (ITU-R BT.2390). Colours are not moved from BT.2020's primaries to others: they are paler then.

    Args:
        size: ``(h, w)`` as they are shown.
        layout: ``bgr24`` or ``rgb24``.
    """

    def __init__(self, size: tuple[int, int], layout: str = "bgr24") -> None:
        self._size, self._layout = size, layout
        self._reformatter = VideoReformatter()

    def __call__(self, frame: av.VideoFrame) -> NDArray[np.uint8]:
        """The picture, ``(h, w, 3)``."""
        transposed, down, right = orientation(frame)
        height, width = self._size[::-1] if transposed else self._size
        same = self._reformatter.reformat(frame, width, height, self._layout)
        picture = same.to_ndarray().astype(np.uint8, copy=False)
        if getattr(frame, "color_trc", None) == _PQ:
            picture = PQ_TO_SDR[picture]
        picture = picture.swapaxes(0, 1) if transposed else picture
        return np.ascontiguousarray(picture[:: -1 if down else 1, :: -1 if right else 1])


def shown_size(frame: av.VideoFrame) -> tuple[int, int]:
    """Height and width of a picture as it is shown."""
    size = frame.height, frame.width
    return size[::-1] if orientation(frame)[0] else size


def orientation(frame: av.VideoFrame) -> tuple[bool, bool, bool]:
    """What is done to a picture to show it, by the nearest of the eight ways to lay a rectangle.

    A display matrix ``((a, b, u), (c, d, v), (x, y, w))`` (ISO/IEC 14496-12, 8.3.2) shows the pixel
    ``(p, q)`` at ``(a p + c q + x, b p + d q + y)``. Shift and scale are not used.

    Returns:
        Whether rows and columns are exchanged, whether the result is then mirrored top to bottom,
        and whether left to right.
    """
    content = frame.side_data.get("DISPLAYMATRIX")
    if content is None:
        return False, False, False
    matrix = np.frombuffer(content, np.int32)  # type: ignore[call-overload]
    (a, b, _), (c, d, _), _ = matrix.reshape(3, 3).tolist()
    if abs(b) + abs(c) > abs(a) + abs(d):
        return True, b < 0, c < 0
    return False, d < 0, a < 0


def _pq_to_sdr() -> NDArray[np.uint8]:
    m1, m2, c1, c2, c3 = 0.1593017578125, 78.84375, 0.8359375, 18.8515625, 18.6875
    power = (np.arange(256) / 255) ** (1 / m2)
    light = 10000 / 203 * (np.maximum(power - c1, 0) / (c2 - c3 * power)) ** (1 / m1)
    white = 1000 / 203
    sdr = np.minimum(light * (1 + light / white**2) / (1 + light), 1) ** (1 / 2.2)
    return np.rint(255 * sdr).astype(np.uint8)


PQ_TO_SDR = _pq_to_sdr()
"""The SDR value ``(256,)`` of each 8-bit value of PQ (SMPTE ST 2084).

Luminance L in units of HDR's reference white, 203 cd/m² (ITU-R BT.2408), becomes
``L (1 + L / W²) / (1 + L)``, 1 at W = 1000 / 203 (Reinhard et al., SIGGRAPH 2002, Eq. 4), with a
gamma of 2.2. Each colour is treated for itself.
"""
