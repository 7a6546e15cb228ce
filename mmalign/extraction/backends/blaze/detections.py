"""From a single-shot detector's outputs to detections (SSD, Liu et al. 2016).

As MediaPipe's graphs do it: all anchors are of one size, and detections that overlap are averaged
(BlazeFace, Bazarevsky et al. 2019).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from mmalign.extraction.boxes import overlap

Floats = NDArray[np.float32]


def anchors(size: int, strides: Sequence[int]) -> Floats:
    """Middles ``(A, 2)`` of the anchors, x and y in shares of the input.

    Two per layer and cell, row by row; layers of one stride share their cells.

    Args:
        size: Pixels of a side of the input.
        strides: Pixels of a cell of each layer.
    """
    found = []
    for stride, layers in groupby(strides):
        cells = size // stride
        y, x = np.mgrid[:cells, :cells].reshape(2, -1)
        middles = (np.stack([x, y], axis=1) + 0.5) / cells
        found.append(np.repeat(middles, 2 * len(list(layers)), axis=0))
    return np.concatenate(found).astype(np.float32)


def decode(raw: Floats, middles: Floats, size: int) -> Floats:
    """Boxes and keypoints of a detector's output.

    Args:
        raw: ``(A, 4 + 2 P)`` middle and sides of the box, then keypoints, in pixels of the input;
            places are relative to the anchor's.
        middles: ``(A, 2)`` of :func:`anchors`.
        size: Pixels of a side of the input.

    Returns:
        ``(A, 2 + P, 2)`` upper left and lower right corner, then keypoints, in shares of the input.
    """
    points = raw.reshape(len(raw), raw.shape[1] // 2, 2) / np.float32(size)
    half = points[:, 1] / 2
    points = points + middles[:, None]
    points[:, 0], points[:, 1] = points[:, 0] - half, points[:, 0] + half
    return points


def average_overlapping(
    points: Floats, scores: Floats, least_overlap: float
) -> tuple[Floats, Floats]:
    """Weighted non-maximum suppression.

    The best detection and those whose boxes overlap its own by more than so much become their mean
    by score; then the best one of the others, and so on.

    Args:
        points: ``(D, 2 + P, 2)`` as :func:`decode` gives them.
        scores: ``(D,)``, above 0.
        least_overlap: Intersection over union.

    Returns:
        ``(M, 2 + P, 2)``, and ``(M,)`` the best one's score of each, falling.
    """
    order = np.argsort(-scores, kind="stable")
    points, scores = points[order], scores[order]
    found, best = [points[:0]], [scores[:0]]
    while len(points):
        boxes = points[:, :2].reshape(-1, 4)
        same = overlap(boxes[:1], boxes)[0] > least_overlap
        same[0] = True  # Even where its box is empty.
        found.append(np.average(points[same], axis=0, weights=scores[same])[None])
        best.append(scores[:1])
        points, scores = points[~same], scores[~same]
    return np.concatenate(found).astype(np.float32), np.concatenate(best)
