"""Geometry of pose sequences: boxes, scaling, mirroring, rotating limbs, noise.

Arrays are ``keypoints (T, K, D)``, D = 2 or 3, and ``scores (T, K)``; a joint with score 0 is
absent, its coordinates mean nothing and never count. Nothing is edited in place.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

Array = NDArray[np.floating]

_TOWARDS_VIEWER = np.array([0.0, 0.0, 1.0])
# Frames that are interpolated at once.
_CHUNK = 1024


def pose_box(keypoints: Array, scores: Array) -> Array:
    """Smallest box that holds every present joint of the sequence (LA2DS, Sec. 3.1).

    Returns:
        ``(2 D,)``: the least and then the largest of every coordinate: x0, y0, x1, y1 in pixels.

    Raises:
        ValueError: if no joint is present in any frame.
    """
    present = keypoints[scores > 0]
    if not len(present):
        raise ValueError("no joint is present in any frame of the sequence")
    return np.concatenate([present.min(0), present.max(0)])


def fit_to_map(
    keypoints: Array,
    scores: Array,
    size: tuple[int, ...] = (30, 30),
    margin: float = 0.0,
    keep_ratio: bool = True,
) -> Array:
    """Move the sequence's pose box onto a heatmap grid: the crop and resize of Sec. 3.1.

    Coordinates are transformed, not maps: the result is the same and far cheaper.

    Args:
        keypoints: ``(T, K, D)`` pixels.
        scores: ``(T, K)``.
        size: sides of the grid, D of them, that of x last: height and width.
        margin: free border in grid pixels on each side.
        keep_ratio: keep the aspect ratio (letterbox, the box centred); else stretch.

    Returns:
        ``(T, K, D)``, present joints within ``[margin, width - 1 - margin]`` and likewise in y.
    """
    low, high = np.split(pose_box(keypoints, scores), 2)
    extent = np.maximum(high - low, 1e-6)
    room = np.array(size[::-1], dtype=np.float64) - 1 - 2 * margin
    scale = room / extent
    if keep_ratio or np.any(extent <= 1e-6):
        scale = np.full(len(size), scale.min())
    middle = (np.array(size[::-1]) - 1) / 2
    fitted = (keypoints - (low + high) / 2) * scale + middle
    return fitted.astype(keypoints.dtype)


def mirror(keypoints: Array, scores: Array, width: float, flip_index: NDArray[np.intp]) -> tuple:
    """Mirror a sequence: left joints become right ones, and the picture is turned over.

    In 2D ``x`` becomes ``width - 1 - x``. In 3D, where a body may face anywhere, it is reflected in
    the plane through the middle of all joints that is square to the mean direction from its right
    joints to its left ones; ``width`` is not used.
    """
    flipped, swapped = keypoints[:, flip_index].copy(), scores[:, flip_index].copy()
    if keypoints.shape[-1] == 2:
        flipped[..., 0] = width - 1 - flipped[..., 0]
        return flipped, swapped
    # The two joints of a pair say the same with opposite signs.
    first = np.arange(len(flip_index)) < flip_index
    both = (scores > 0) & (swapped > 0) & first
    across = (keypoints - flipped)[both].sum(0)
    across = across / max(np.linalg.norm(across), np.finfo(np.float64).tiny)
    middle = keypoints[scores > 0].mean(0) if (scores > 0).any() else 0.0
    return flipped - 2 * ((flipped - middle) @ across)[..., None] * across, swapped


def rotate_about(
    keypoints: Array,
    pivot: int,
    joints: Sequence[int],
    angle: Array | float,
    axis: Array = _TOWARDS_VIEWER,
) -> Array:
    """Turn some joints about another one: a limb with everything that hangs from it.

    Args:
        keypoints: ``(T, K, D)``.
        pivot: index of the joint that stays.
        joints: indices of the joints that turn.
        angle: radians, one number or ``(T,)``; in 2D positive from the x to the y axis.
        axis: ``(3,)``, the unit vector about which it turns, right-handed; in 2D that of z.
    """
    angle = np.broadcast_to(np.asarray(angle, dtype=np.float64), keypoints.shape[:1])
    turns = Rotation.from_rotvec(angle[:, None] * axis).as_matrix()
    dims = keypoints.shape[-1]
    arms = keypoints[:, list(joints)] - keypoints[:, [pivot]]
    turned = keypoints.copy()
    turned[:, list(joints)] = keypoints[:, [pivot]] + arms @ turns[:, :dims, :dims].swapaxes(1, 2)
    return turned


def temporal_noise(
    rng: np.random.Generator, shape: tuple[int, ...], std: float, smoothness: float = 0.0
) -> Array:
    """Gaussian noise along the first axis, white or smooth in time.

    Args:
        rng: source of randomness.
        shape: ``(T, ...)``.
        std: standard deviation of every sample.
        smoothness: 0 for independent frames (what LA2DS settled on, Sec. 3.2); else the length
            in frames of a squared-exponential covariance, as in CASA's smooth noise.
    """
    noise = rng.standard_normal(shape)
    if smoothness > 0:
        lag = np.arange(shape[0])
        cov = np.exp(-0.5 * ((lag[:, None] - lag) / smoothness) ** 2)
        factor = np.linalg.cholesky(cov + 1e-6 * np.eye(shape[0]))
        noise = np.tensordot(factor, noise, axes=1)
    return std * noise


def interpolate_frames(values: Array, positions: Array) -> Array:
    """Linear interpolation along the first axis at fractional positions, clamped to the ends."""
    positions = np.clip(positions, 0, len(values) - 1)
    low = np.floor(positions).astype(np.intp)
    high = np.minimum(low + 1, len(values) - 1)
    weight = (positions - low).reshape((-1,) + (1,) * (values.ndim - 1))
    between = np.empty((len(positions), *values.shape[1:]), values.dtype)
    # Some at a time: what lies between is in float64, and several times as large as the result.
    for start in range(0, len(positions), _CHUNK):
        part = slice(start, start + _CHUNK)
        share = weight[part]
        between[part] = (1 - share) * values[low[part]] + share * values[high[part]]
    return between


def resample_pose(keypoints: Array, scores: Array, positions: Array) -> tuple[Array, Array]:
    """Poses at fractional frame positions.

    Between two frames a joint is interpolated where both have it; where one lacks it, the nearer
    frame is taken whole, so that no coordinate of an absent joint leaks into a present one.

    Args:
        keypoints: ``(T, K, D)``.
        scores: ``(T, K)``.
        positions: ``(N,)`` in ``[0, T - 1]``.

    Returns:
        ``(N, K, D)`` and ``(N, K)``.
    """
    positions = np.asarray(positions, dtype=np.float64)
    low = np.floor(positions).astype(np.intp)
    if np.array_equal(low, positions):
        return keypoints[low], scores[low]
    high = np.minimum(low + 1, len(keypoints) - 1)
    nearest = np.rint(positions).astype(np.intp)
    both = (scores[low] > 0) & (scores[high] > 0)
    between = interpolate_frames(np.nan_to_num(keypoints), positions)
    return (
        np.where(both[..., None], between, keypoints[nearest]).astype(keypoints.dtype),
        np.where(both, interpolate_frames(scores, positions), scores[nearest]).astype(scores.dtype),
    )
