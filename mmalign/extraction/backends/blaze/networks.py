"""MediaPipe's two pairs of networks: a detector, and landmarks in the squares it gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmalign.extraction.backends.blaze.regions import square

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Pair:
    """A detector and a landmark network, as MediaPipe's graphs use them.

    Attributes:
        skeleton: Name of the skeleton of the landmarks; the network may give more after them.
        detector: The detector's name in :data:`.WEIGHTS`.
        strides: Pixels of a cell of each of its layers.
        black: What black is in its input; white is 1.
        regions: Squares ``(D, 6)`` for the landmark network, of what the detector found in pixels:
            ``(D, 2 + P, 2)`` corners of the boxes and keypoints.
        landmarks: The landmark network's name there.
        values: Numbers per landmark.
        heatmaps: Which output holds heatmaps, where there are some.
    """

    skeleton: str
    detector: str
    strides: tuple[int, ...]
    black: float
    regions: Callable[[Floats], Floats]
    landmarks: str
    values: int
    heatmaps: int | None


def body_regions(points: Floats) -> Floats:
    """Squares round bodies: keypoint 0 is between the hips, 1 on the circle round all joints."""
    middle, outward = points[:, 2], points[:, 3] - points[:, 2]
    return square(middle, 2 * 1.25 * np.linalg.norm(outward, axis=1), outward)


def hand_regions(points: Floats) -> Floats:
    """Squares round hands: the box is the palm's, keypoint 0 the wrist, 2 the middle knuckle."""
    low, high, up = points[:, 0], points[:, 1], points[:, 4] - points[:, 2]
    up = up / np.maximum(np.linalg.norm(up, axis=1, keepdims=True), np.finfo(np.float32).tiny)
    sides = high - low
    # Half a palm upwards, where the fingers are.
    return square((low + high) / 2 + 0.5 * sides[:, 1:] * up, 2.6 * sides.max(axis=1), up)


BODY = Pair(
    "mediapipe33",
    "pose_detection",
    (8, 16, 32, 32, 32),
    -1.0,
    body_regions,
    "pose_landmark_full",
    5,
    3,
)
HAND = Pair(
    "hand21",
    "palm_detection_full",
    (8, 16, 16, 16),
    0.0,
    hand_regions,
    "hand_landmark_full",
    3,
    None,
)
