"""A pose sequence as a walk of equal steps: what was done, whatever time it took.

A step ends where the pose has moved a fixed way from where it began. Slow motion has the same steps
as real time, each of them longer; standing still is one long step; jitter that is smaller than a
step is none.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

Array = NDArray[np.float64]

# Length of a step: root mean square way of the joints, in units of the body's own spread.
_STEP = 0.06
# A frame that is so many steps from the one before it is one step: a glitch.
_GLITCH = 4.0
# Standard deviation of the smoothing of the poses: frames at first, then the share of the quick
# steps (a percentile of their lengths), so that slow motion, which has more frames of a movement,
# is smoothed over the same movement.
_FIRST_SMOOTHING, _SMOOTHING, _QUICK = 1.0, 0.5, 30
_LEAST_SMOOTHING = 0.3
_BLOCK = 64
_TINY = 1e-9


@dataclass(frozen=True)
class PoseWalk:
    """A walk of S steps through T frames.

    Attributes:
        poses: ``(T, K, 2)`` joints about the middle of the body, in units of its spread over the
            sequence; smoothed; 0 for a joint that is never seen.
        times: ``(S + 1,)`` fractional frames at which steps begin and the last one ends, rising.
        fps: Frames per second.
    """

    poses: Array
    times: Array
    fps: float

    @property
    def durations(self) -> Array:
        """``(S,)`` seconds of each step."""
        return np.diff(self.times) / self.fps


def pose_walk(
    keypoints: NDArray[np.floating],
    scores: NDArray[np.floating],
    fps: float,
    most: int,
) -> PoseWalk:
    """Walk through a sequence.

    Args:
        keypoints: ``(T, K, 2)`` pixels.
        scores: ``(T, K)``; 0 = absent; any joint is seen in some frame.
        fps: Frames per second.
        most: Steps after which the walk ends.
    """
    poses = _centred(keypoints, scores)
    sigma = _FIRST_SMOOTHING
    for _ in range(2):
        smooth = gaussian_filter1d(poses, max(sigma, _LEAST_SMOOTHING), axis=0, mode="nearest")
        times = _steps(smooth.reshape(len(smooth), -1) / np.sqrt(_seen(scores).sum()), most)
        if len(times) < 3:
            break
        sigma = _SMOOTHING * float(np.percentile(np.diff(times), _QUICK))
    return PoseWalk(smooth, times, fps)


def poses_at(poses: Array, times: Array) -> Array:
    """Poses ``(N, K, 2)`` at fractional frames ``(N,)``."""
    low = np.floor(times).astype(np.intp)
    weight = (times - low)[:, None, None]
    return (1 - weight) * poses[low] + weight * poses[np.minimum(low + 1, len(poses) - 1)]


def _seen(scores: NDArray[np.floating]) -> NDArray[np.bool_]:
    """``(K,)``: which joints are seen in any frame."""
    return (scores > 0).any(axis=0)


def _centred(keypoints: NDArray[np.floating], scores: NDArray[np.floating]) -> Array:
    """Joints about their mean in every frame, in units of their spread over all frames."""
    frames, seen = np.arange(len(scores)), _seen(scores)
    points = np.zeros(keypoints.shape)
    for joint in np.flatnonzero(seen):
        known = scores[:, joint] > 0
        for axis in range(points.shape[2]):
            track = keypoints[known, joint, axis]
            points[:, joint, axis] = np.interp(frames, frames[known], track)
    points[:, seen] -= points[:, seen].mean(axis=1, keepdims=True)
    spread = np.sqrt((points[:, seen] ** 2).sum(axis=2).mean())
    return points / max(spread, _TINY)


def _ways(a: Array, b: Array) -> Array:
    return np.linalg.norm(b - a, axis=-1)


def _steps(poses: Array, most: int) -> Array:
    """Fractional frames ``(S + 1,)`` at which a track ``(T, D)`` is a step further each."""
    times, place, frame = [0.0], poses[0], 1
    while frame < len(poses) and len(times) <= most:
        ways = _ways(place, poses[frame : frame + _BLOCK])
        far = np.flatnonzero(ways >= _STEP)
        if not len(far):
            frame += _BLOCK
            continue
        frame += int(far[0])
        # The stretch before this frame begins at the frame before it, or at the last step's end.
        before, start = place, times[-1]
        if frame - 1 > start:
            before, start = poses[frame - 1], frame - 1.0
        share = 1.0
        if ways[far[0]] <= _GLITCH * _STEP:
            share = _leaves(before - place, poses[frame] - before)
        place = (1 - share) * before + share * poses[frame]
        times.append((1 - share) * start + share * frame)
        frame += share == 1
    return np.array(times)


def _leaves(offset: Array, way: Array) -> float:
    """The share of a straight way at which it is a step off, of one that begins nearer."""
    a, b, c = float(way @ way), float(offset @ way), float(offset @ offset) - _STEP**2
    return float(np.clip((max(b * b - a * c, 0.0) ** 0.5 - b) / a, 0, 1))
