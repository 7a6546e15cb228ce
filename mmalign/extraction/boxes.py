"""Boxes of people between the frames in which they were detected."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

Boxes = NDArray[np.float32]
"""``(D, 4 + E)``: x1, y1, x2, y2 in pixels, and what else an estimator's detector says of a box."""

MIN_OVERLAP = 0.1
"""Least intersection over union of one person's boxes in two detections."""


def overlap(first: Boxes, second: Boxes) -> NDArray[np.float32]:
    """Intersection over union ``(M, N)`` of boxes ``(M, 4 + E)`` and ``(N, 4 + E)``."""
    a, b = first[:, None, :4], second[None, :, :4]
    sides = np.minimum(a[..., 2:], b[..., 2:]) - np.maximum(a[..., :2], b[..., :2])
    common = np.prod(np.maximum(sides, 0), axis=-1)
    areas = [
        np.prod(np.maximum(boxes[:, 2:4] - boxes[:, :2], 0), axis=1) for boxes in (first, second)
    ]
    union = areas[0][:, None] + areas[1] - common
    return common / np.maximum(union, np.finfo(np.float32).tiny)


def boxes_between(first: Boxes, second: Boxes, count: int) -> list[Boxes]:
    """Boxes in the frames between two detections.

    Boxes that belong together (Hungarian matching on their overlap) move evenly from the first
    frame to the second. One without a partner, of a person who leaves or enters, is kept for the
    half of the frames that is nearer to its detection.

    Args:
        first: ``(M, 4 + E)`` boxes of the earlier frame.
        second: ``(N, 4)`` boxes of the later one.
        count: Frames between them.

    Returns:
        ``count`` arrays ``(D, 4 + E)``; what else is said of a box moves with it.
    """
    shared = overlap(first, second)
    rows, columns = linear_sum_assignment(-shared)
    same = shared[rows, columns] >= MIN_OVERLAP
    rows, columns = rows[same], columns[same]
    leaving, entering = np.delete(first, rows, axis=0), np.delete(second, columns, axis=0)
    found = []
    for step in range(1, count + 1):
        part = np.float32(step / (count + 1))
        alone = leaving if part < 0.5 else entering
        moved = (1 - part) * first[rows] + part * second[columns]
        found.append(np.concatenate([moved, alone]).astype(np.float32))
    return found
