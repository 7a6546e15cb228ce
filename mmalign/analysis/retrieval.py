"""This moment in all the other videos."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mmalign.analysis.executions import executions
from mmalign.errors import InputError
from mmalign.structures.alignment import AlignedPair, AlignmentResult

# A frame that matches a moment further away than this does not show it.
_HOLE_SECONDS = 0.2


@dataclass(frozen=True)
class Moment:
    """Where a moment of the reference is in another sequence.

    Attributes:
        other: Name of that sequence.
        frame: The frame that shows it.
        seconds: Its time in that sequence.
        confidence: Of the match, in [0, 1].
        repetition: Which execution it belongs to, from 0.
    """

    other: str
    frame: int
    seconds: float
    confidence: float
    repetition: int


def find_moments(pair: AlignedPair, seconds: float) -> list[Moment]:
    """Find a moment of the reference in every execution of another sequence.

    Of the frames that match it equally well (within a quarter of a reference frame), the one with
    the highest confidence is taken.

    Args:
        pair: An alignment.
        seconds: Time in the reference.

    Returns:
        At most one per execution, the most confident first; empty where the moment is left out.

    Raises:
        InputError: If the reference has no such time.
    """
    last = (pair.reference_frames - 1) / pair.reference_fps
    # To the end of the last frame.
    if not 0 <= seconds < last + 1 / pair.reference_fps:
        raise InputError(
            f"moment {seconds:g} s: {pair.reference} has times from 0 to {last:.2f} s; name one"
        )
    wanted = min(seconds, last) * pair.reference_fps
    reach = max(_HOLE_SECONDS * pair.reference_fps, 1.0)
    moments = []
    for execution in executions(pair):
        distance = np.abs(execution.places - wanted)
        if distance.min() > reach:
            continue
        best = execution.frames[distance <= distance.min() + 0.25]
        frame = int(best[pair.confidence[best].argmax()])
        confidence = float(pair.confidence[frame])
        moments.append(
            Moment(pair.other, frame, frame / pair.other_fps, confidence, execution.number)
        )
    return sorted(moments, key=lambda moment: -moment.confidence)


def find_in_all(result: AlignmentResult, seconds: float) -> list[Moment | None]:
    """Find a moment of the reference in all others; None where one leaves it out.

    Raises:
        InputError: See :func:`find_moments`.
    """
    return [next(iter(find_moments(pair, seconds)), None) for pair in result.pairs]
