"""Executions that are not as they should be: a step skipped, done twice or too slowly."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mmalign.poses.pose_file import PoseSequence
from mmalign.toy.activity import Activity
from mmalign.toy.generator import FPS, generate_sequence
from mmalign.toy.performer import Performer
from mmalign.toy.tempo import LENGTH

SLOWNESS = 4
"""How many times as long a slowed step takes."""


def perform(activity: Activity, performer: Performer, seed: int, slow: int = -1) -> PoseSequence:
    """One execution, of the usual length but for what a slowed step adds.

    It is generated at `SLOWNESS` times the frame rate and thinned out, but for the slowed step, so
    that with the same arguments all other frames are the same with and without it.

    Args:
        activity: what is done.
        performer: who does it.
        seed: seed of tempo, camera and noise.
        slow: the phase that is slowed, with the idle time beside it; none if -1.
    """
    length = (LENGTH[0] * SLOWNESS, LENGTH[1] * SLOWNESS)
    sequence = generate_sequence(activity, performer, seed, length=length)
    assert sequence.labels is not None  # Generated sequences have them.
    kept = np.flatnonzero(
        (np.arange(sequence.num_frames) % SLOWNESS == 0) | (sequence.labels == slow)
    )
    return PoseSequence(
        keypoints=sequence.keypoints[kept],
        scores=sequence.scores[kept],
        frame_size=sequence.frame_size,
        fps=FPS,
        skeleton=sequence.skeleton,
        labels=sequence.labels[kept],
    )


def without_step(activity: Activity, step: int) -> Activity:
    """The activity without one step: straight on to the pose at the next step's end.

    Args:
        activity: what is usually done.
        step: the phase to leave out, from 0; before the last one, which cannot be left out this
            way, if it is that.
    """
    step = min(step, activity.num_phases - 2)
    kept = [i for i in range(activity.num_phases) if i != step]
    poses = tuple(pose for i, pose in enumerate(activity.poses) if i != step + 1)
    return replace(
        activity,
        poses=poses,
        phases=tuple(activity.phases[i] for i in kept),
        shares=tuple(activity.shares[i] for i in kept),
    )


def with_step_twice(activity: Activity, step: int) -> Activity:
    """The activity with one step done, undone and done again.

    Args:
        activity: what is usually done.
        step: the phase, from 0.
    """
    first, second = activity.poses[step : step + 2]
    return replace(
        activity,
        poses=(*activity.poses[: step + 2], first, second, *activity.poses[step + 2 :]),
        phases=tuple(f"step {i}" for i in range(activity.num_phases + 2)),
        shares=(
            *activity.shares[: step + 1],
            *[activity.shares[step]] * 2,
            *activity.shares[step + 1 :],
        ),
    )
