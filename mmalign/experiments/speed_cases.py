"""Clips as a phone films them: slowed, quickened or ramped, and with an estimator's mistakes."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.ndimage import gaussian_filter1d

from mmalign.functional.pose import resample_pose
from mmalign.poses.pose_file import PoseSequence
from mmalign.skeletons import Skeleton, get_skeleton

SPEEDS = {
    "real": 1.0, "slow2": 1 / 2, "slow4": 1 / 4, "slow8": 1 / 8, "quick2": 2.0,
    "ramp4": 1 / 4, "ramp8": 1 / 8,
}  # fmt: skip
"""The speed of each way to film; of a ramp that of its middle half."""

_SIDES = ("left", "right")
# Seconds of standing at either end of a ramp.
_IDLE = 1.0, 3.0
# Of an estimator: the standard deviation of its jitter in torsos and the frames over which it is
# correlated; shares of the frames in which sides are exchanged, the head is missing, and hands and
# feet are unsure; frames that an exchange lasts; the score of what is unsure.
_JITTER, _CORRELATED = 0.02, 3.0
_EXCHANGED, _MISSING, _UNSURE = 0.1, 0.1, 0.1
_LASTING, _UNSURE_SCORE = (5, 16), 0.4


@dataclass(frozen=True)
class Filmed:
    """A clip that was filmed anew.

    Attributes:
        sequence: T frames at the clip's own frame rate.
        instants: ``(T,)`` where each stands in the clip, in its frames.
        speeds: ``(T,)`` the speed at each.
        moving: ``(T,)`` bool: not the standing at the ends.
    """

    sequence: PoseSequence
    instants: np.ndarray
    speeds: np.ndarray
    moving: np.ndarray


def film(clip: PoseSequence, way: str, rng: np.random.Generator) -> Filmed:
    """Film a clip in another way; poses are interpolated, labels are those of the nearest frame.

    Args:
        clip: A clip of at least four frames.
        way: A key of `SPEEDS`. A ramp has its outer quarters in real time, and one to three
            seconds of standing before and after.
        rng: Source of randomness.
    """
    last, speed = clip.num_frames - 1.0, SPEEDS[way]
    idle = np.zeros(2, dtype=int)
    if way.startswith("ramp"):
        grid = np.array([0.0, last / 4, 3 * last / 4, last])
        passed = np.append(0.0, np.cumsum(np.diff(grid) / [1.0, speed, 1.0]))
        idle = (rng.uniform(*_IDLE, 2) * clip.fps).astype(int)
        instants = np.interp(np.arange(int(passed[-1]) + 1), passed, grid)
        speeds = np.where((instants >= grid[1]) & (instants < grid[2]), speed, 1.0)
    else:
        instants = np.arange(int(last / speed + 1e-6) + 1) * speed
        speeds = np.full(len(instants), speed)
    instants = np.pad(instants, idle, mode="edge")
    moving = np.pad(np.ones(len(speeds), dtype=bool), idle)
    keypoints, scores = resample_pose(clip.keypoints, clip.scores, instants)
    labels = None if clip.labels is None else clip.labels[np.rint(instants).astype(np.intp)]
    sequence = replace(clip, keypoints=keypoints, scores=scores, labels=labels, keypoints3d=None)
    return Filmed(sequence, instants, np.pad(speeds, idle, constant_values=1.0), moving)


def estimated(sequence: PoseSequence, rng: np.random.Generator) -> PoseSequence:
    """A sequence of a body with mistakes of the size that estimators make.

    Jitter of 2 % of the torso, correlated over three frames; arms and legs exchanged, left for
    right, in runs of 5 to 15 frames that cover a tenth; the head missing, and wrists and ankles
    unsure, in a tenth of the frames each.
    """
    skeleton, count = get_skeleton(sequence.skeleton), sequence.num_frames
    scores = sequence.scores.copy()
    # White noise through such a filter has a squared-exponential covariance of that length.
    noise = gaussian_filter1d(
        rng.standard_normal(sequence.keypoints.shape), _CORRELATED / np.sqrt(2), axis=0, mode="wrap"
    )
    noise *= _JITTER * torso(sequence) / noise.std()
    keypoints = (sequence.keypoints + noise).astype(np.float32)
    for names in (("shoulder", "elbow", "wrist"), ("hip", "knee", "ankle")):
        left, right = (_joints(skeleton, [f"{side}_{n}" for n in names]) for side in _SIDES)
        covered = 0
        while covered < _EXCHANGED * count:
            length = int(rng.integers(*_LASTING))
            start = int(rng.integers(0, max(1, count - length + 1)))
            for values in (keypoints, scores):
                part = values[start : start + length]
                part[:, left + right] = part[:, right + left]
            covered += length
    for joint, name in enumerate(skeleton.joints):
        if name.startswith(("head", "nose")):
            scores[rng.random(count) < _MISSING, joint] = 0
        elif name.endswith(("wrist", "ankle")):
            unsure = rng.random(count) < _UNSURE
            scores[unsure, joint] = np.minimum(scores[unsure, joint], _UNSURE_SCORE)
    keypoints[scores == 0] = 0
    return replace(sequence, keypoints=keypoints, scores=scores)


def torso(sequence: PoseSequence) -> float:
    """Length of the torso in pixels: the upper quartile, as it is foreshortened at times."""
    skeleton = get_skeleton(sequence.skeleton)
    ends = [_joints(skeleton, [f"{side}_{n}" for side in _SIDES]) for n in ("shoulder", "hip")]
    seen = (sequence.scores[:, ends[0] + ends[1]] > 0).all(axis=1)
    middles = [sequence.keypoints[seen][:, joints].mean(axis=1) for joints in ends]
    if not seen.any():
        there = sequence.keypoints[sequence.scores > 0]
        return float(np.ptp(there[:, 1])) / 3
    return float(np.percentile(np.linalg.norm(middles[0] - middles[1], axis=1), 75))


def _joints(skeleton: Skeleton, names: list[str]) -> list[int]:
    return [skeleton.joints.index(name) for name in names]
