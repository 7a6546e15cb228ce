"""A small picture of how alike the frames of pairs of clips are, and which path that gives."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import cv2
import numpy as np
from numpy.typing import NDArray

from mmalign.functional.dtw import dtw_path
from mmalign.functional.metrics.neighbours import squared_distances
from mmalign.visualization.figures import similarity_picture

_SIDE = 240
_GAP = 8
_PATH = (217, 72, 15)


def draw_alignment_maps(
    embeddings: Sequence[NDArray[np.floating]], num_pairs: int = 3
) -> NDArray[np.uint8]:
    """Draw the similarity matrices of the first pairs of clips side by side, each with its path.

    Time runs to the right for the second clip of a pair and upwards for the first one. A model
    that aligns gives a narrow dark band; one that does not, blocks or nothing.

    Args:
        embeddings: at least two clips, ``(T_i, D)`` each.
        num_pairs: how many pairs at most.

    Returns:
        RGB ``(240, 240 * P + 8 * (P - 1), 3)`` uint8.
    """
    tiles: list[NDArray[np.uint8]] = []
    for i, j in list(combinations(range(len(embeddings)), 2))[:num_pairs]:
        if tiles:
            tiles.append(np.full((_SIDE, _GAP, 3), 255, np.uint8))
        tiles.append(_draw_map(embeddings[i], embeddings[j]))
    return np.concatenate(tiles, axis=1)


def _draw_map(first: NDArray[np.floating], second: NDArray[np.floating]) -> NDArray[np.uint8]:
    distances = np.sqrt(squared_distances(first, second))
    similarity = 1 - distances / max(float(distances.max()), 1e-9)
    picture = cv2.resize(
        similarity_picture(similarity), (_SIDE, _SIDE), interpolation=cv2.INTER_AREA
    )
    path = dtw_path(distances) + 0.5
    scale = _SIDE / np.array(distances.shape)
    points = np.round(path * scale).astype(np.int32)[:, ::-1]
    cv2.polylines(picture, [points], False, _PATH, 2, cv2.LINE_AA)
    return np.ascontiguousarray(picture[::-1])
