"""Turned squares of a picture: cut out for a network, and what it finds there put back.

A square is a row ``(x1, y1, x2, y2, ux, uy)``: the upright square of the same middle and size, in
pixels of the picture, and a vector of any length that points up in it. (So it can be interpolated
like a box.) Places inside it run from (0, 0), upper left, to (1, 1).
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

WIDE = 1.5
"""Pictures that are wider than so many heights are looked at in parts, too."""


def square(middle: Floats, side: Floats, up: Floats) -> Floats:
    """Rows ``(D, 6)`` of squares with middles ``(D, 2)``, sides ``(D,)`` and ups ``(D, 2)``."""
    half = side[:, None] / 2
    return np.concatenate([middle - half, middle + half, up], axis=1).astype(np.float32)


def views(height: int, width: int) -> Floats:
    """Squares in which people are looked for, ``(V, 6)``.

    The smallest one round the picture and, of a wide picture, squares of its height side by side
    as well: in the first one people would be small, and be missed.
    """
    middles, sides = [width / 2], [float(max(height, width))]
    if width >= WIDE * height:
        # Neighbours overlap by a tenth of their side at least.
        count = int(np.ceil(1.1 * width / height))
        middles += np.linspace(height / 2, width - height / 2, count).tolist()
        sides += [float(height)] * count
    places = np.array([[x, height / 2] for x in middles])
    return square(places, np.array(sides), np.tile([0.0, -1.0], (len(sides), 1)))


def to_picture(places: Floats, region: Floats) -> Floats:
    """Pixels of places ``(..., 2)`` inside a square ``(6,)``."""
    matrix = _to_pixels(region)
    return (places @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32)


def cut_out(picture: NDArray[np.uint8], region: Floats, size: int, border: int) -> Floats:
    """The square of a picture as a network's input.

    Args:
        picture: BGR ``(h, w, 3)``.
        region: ``(6,)``.
        size: Pixels of a side of the input.
        border: OpenCV's way to fill what lies outside the picture.

    Returns:
        RGB ``(size, size, 3)`` in [0, 1].
    """
    matrix = _to_pixels(region) / [size, size, 1]
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    crop = cv2.warpAffine(picture, matrix, (size, size), flags=flags, borderMode=border)
    return crop[..., ::-1].astype(np.float32) / np.float32(255)


def _to_pixels(region: Floats) -> NDArray[np.float64]:
    """``(2, 3)`` affine map from places inside a square to pixels."""
    low, high, up = region.astype(np.float64).reshape(3, 2)
    length = np.linalg.norm(up)
    ux, uy = up / length if length > 0 else (0.0, -1.0)
    # Its columns are the sides: to the right, and downwards.
    axes = (high[0] - low[0]) * np.array([[-uy, -ux], [ux, -uy]])
    return np.column_stack([axes, (low + high) / 2 - axes.sum(axis=1) / 2])
