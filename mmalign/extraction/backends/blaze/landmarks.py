"""Landmarks of people: made more exact by heatmaps, and each person once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from mmalign.extraction.boxes import overlap

Floats = NDArray[np.float32]


def refine(places: Floats, logits: Floats, reach: int = 3, least: float = 0.5) -> Floats:
    """Move landmarks to the middle of their heatmap's mass near them, as MediaPipe's graphs do.

    Args:
        places: ``(K, 2)`` x, y in shares of the crop.
        logits: ``(H, W, K)`` heatmaps before the logistic function.
        reach: Cells that count on each side of the landmark's.
        least: A landmark stays where no cell there reaches this probability; so does one that lies
            outside the heatmap.

    Returns:
        ``(K, 2)``.
    """
    height, width, count = logits.shape
    sides = np.array([width, height])
    cells = np.floor(places * sides).astype(int)
    inside = np.all((cells >= 0) & (cells < sides), axis=1)
    near = np.arange(-reach, reach + 1)
    columns, rows = cells[:, None, None, 0] + near, cells[:, None, None, 1] + near[:, None]
    there = (columns >= 0) & (columns < width) & (rows >= 0) & (rows < height)
    logits = logits[
        rows.clip(0, height - 1), columns.clip(0, width - 1), np.arange(count)[:, None, None]
    ]
    mass = expit(logits) * there
    total = np.maximum(mass.sum(axis=(1, 2)), np.finfo(np.float32).tiny)
    middle = np.stack([(mass * at).sum(axis=(1, 2)) / total for at in (columns, rows)], axis=1)
    sure = inside & (mass.max(axis=(1, 2)) >= least)
    return np.where(sure[:, None], middle / sides, places).astype(np.float32)


def distinct(poses: Floats, most_overlap: float) -> list[int]:
    """Which poses of a picture are of different people.

    Args:
        poses: ``(D, K, 2+)`` x, y in pixels, ..., the surest first.
        most_overlap: Intersection over union: a pose whose box overlaps that of a surer one by more
            is of the same person.

    Returns:
        Indices of those to keep.
    """
    boxes = np.concatenate([poses[..., :2].min(axis=1), poses[..., :2].max(axis=1)], axis=1)
    kept: list[int] = []
    for i in range(len(boxes)):
        if np.all(overlap(boxes[kept], boxes[i : i + 1]) <= most_overlap):
            kept.append(i)
    return kept
