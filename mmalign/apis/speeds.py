"""At which speed each input shows what happened: as stated, or found by comparing them."""

from __future__ import annotations

from collections.abc import Sequence

from mmalign.errors import InputError
from mmalign.functional.playback import REAL_TIME, PlaybackSpeed
from mmalign.functional.pose_walk import PoseWalk, pose_walk
from mmalign.functional.relative_speed import MOST_STEPS, playback_speeds
from mmalign.poses.pose_file import PoseSequence
from mmalign.poses.repair import put_sides_right
from mmalign.skeletons import get_skeleton
from mmalign.structures.alignment import AlignedSequence

# Slow motion and time lapse beyond this are mistakes, such as frames per second.
_MOST = 64.0

Speed = str | float | Sequence[float] | None
"""``auto``; one number per sequence, or one for all; None for real time."""


def input_speeds(
    sequences: Sequence[AlignedSequence], speed: Speed, reference: int
) -> list[PlaybackSpeed]:
    """The speed of every sequence.

    Args:
        sequences: Of one skeleton.
        speed: ``auto`` compares them, see :func:`.playback_speeds`; numbers state it, 0.25 for a
            file that shows a quarter of the real speed; None is real time.
        reference: Number of the sequence that the others are compared with.

    Raises:
        InputError: If it is not one of these, or there is not one number per sequence.
    """
    if speed is None:
        return [REAL_TIME] * len(sequences)
    if speed != "auto":
        return [PlaybackSpeed((0.0,), (one,)) for one in _stated(speed, len(sequences))]
    if not 0 <= reference < len(sequences):
        return [REAL_TIME] * len(sequences)  # The reference is refused elsewhere.
    flip_index = get_skeleton(sequences[0].poses.skeleton).flip_index
    return playback_speeds([walk_of(one.poses) for one in sequences], flip_index, reference)


def walk_of(poses: PoseSequence) -> PoseWalk:
    """The walk of a sequence, its sides put right: frames in which they are exchanged look fast."""
    keypoints, scores, _ = put_sides_right(poses)
    return pose_walk(keypoints, scores, poses.fps, MOST_STEPS)


def _stated(speed: str | float | Sequence[float], count: int) -> list[float]:
    """As many speeds as there are sequences."""
    numbers = [speed] if isinstance(speed, str | int | float) else list(speed)
    for one in numbers:
        if isinstance(one, str) or not 1 / _MOST <= one <= _MOST:
            raise InputError(
                f"speed is {one!r}, expected auto or numbers from 1/{_MOST:g} to {_MOST:g}, such as"
                " 0.25 for a file that shows a quarter of the real speed"
            )
    if len(numbers) == 1:
        numbers *= count
    if len(numbers) != count:
        raise InputError(
            f"speed: found {len(numbers)} numbers for {count} sequences, expected one each, or one"
            " for all"
        )
    return [float(one) for one in numbers]
