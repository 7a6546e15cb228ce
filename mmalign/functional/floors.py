"""Features that need no learning: what a trained embedding has to beat."""

from __future__ import annotations

import numpy as np


def clock(num_frames: int) -> np.ndarray:
    """Position in the clip, ``t / T``.

    Args:
        num_frames: Frames T that are seen: of the clip, or of the window.

    Returns:
        float64 ``(T, 1)`` in [0, 1).
    """
    return frame_number(num_frames) / num_frames


def frame_number(num_frames: int) -> np.ndarray:
    """Number of frames since the first one seen.

    Args:
        num_frames: Frames T that are seen.

    Returns:
        float64 ``(T, 1)``: 0, 1, ..., T - 1.
    """
    return np.arange(num_frames, dtype=np.float64)[:, None]


def raw_pose(keypoints: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Joint coordinates, each frame centred on its visible joints, scaled by the clip's spread.

    A joint that is absent from a frame is put at that frame's centre, i.e. 0: the position that
    says least. The scale is the root mean square distance of visible joints from their frame's
    centre over all frames seen, so that a change of size within the clip stays visible.

    Args:
        keypoints: Pixels ``(T, K, 2)``; ignored, even if NaN, where the joint is absent.
        scores: Confidences ``(T, K)``; 0 means absent.

    Returns:
        float64 ``(T, 2 K)``, dimensionless.
    """
    present = (scores > 0)[..., None]
    positions = np.where(present, keypoints, 0.0).astype(np.float64)
    counts = np.maximum(present.sum(axis=1, keepdims=True), 1)
    centred = np.where(present, positions - positions.sum(axis=1, keepdims=True) / counts, 0.0)
    spread = np.sqrt((centred**2).sum() / max(int(present.sum()), 1))
    return (centred / max(spread, np.finfo(np.float64).tiny)).reshape(len(keypoints), -1)


def majority_class(labels: np.ndarray) -> int:
    """The most frequent phase, the lowest among equals.

    Args:
        labels: Phases ``(N,)``, non-negative integers.

    Returns:
        That phase.
    """
    return int(np.bincount(labels).argmax())
