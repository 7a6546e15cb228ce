"""A generated sequence, and which frames of two of them correspond."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from mmalign.errors import InputError
from mmalign.functional.camera import Camera
from mmalign.poses.pose_file import PoseSequence
from mmalign.toy.performer import Performer
from mmalign.toy.tempo import match_times


@dataclass
class ToySequence(PoseSequence):
    """A generated sequence with everything that is known of it.

    Attributes:
        activity: name of the activity.
        performer: who performs.
        camera: the camera that saw it.
        canonical_time: ``(T,)`` float64 in ``[0, K]``: phase and position within the phase; never
            falls, 0 in the idle time before and ``K`` in that after.
        joints: ``(T, J, 3)`` float64 joints in metres: x forward, y to the performer's left, z up.
    """

    activity: str = ""
    performer: Performer = field(kw_only=True)
    camera: Camera = field(kw_only=True)
    canonical_time: np.ndarray = field(kw_only=True)
    joints: np.ndarray = field(kw_only=True)


def correspondence(source: ToySequence, target: ToySequence) -> np.ndarray:
    """Frames of one sequence that correspond to the frames of another.

    Args:
        source: a sequence of ``S`` frames.
        target: a sequence of the same activity.

    Returns:
        ``(S,)`` float64: for each frame of the source the fractional frame of the target at the
        same canonical time; idle stretches are mapped onto each other from end to end.

    Raises:
        InputError: the activities differ.
    """
    if source.activity != target.activity:
        raise InputError(
            f"correspondence: found the activities {source.activity!r} and {target.activity!r},"
            " expected two sequences of one activity"
        )
    return match_times(source.canonical_time, target.canonical_time)
