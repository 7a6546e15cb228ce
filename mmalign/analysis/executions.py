"""The executions of the reference within another sequence, and what each leaves out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmalign.structures.alignment import AlignedPair

# A reference that runs more than so many times as fast is left out, not performed; shorter holes
# are jitter.
_FASTEST = 4.0
_HOLE_SECONDS = 0.2


@dataclass(frozen=True)
class Execution:
    """One execution of the reference.

    Attributes:
        number: Its place among the pair's repetitions.
        start: First frame of the other.
        end: Frame of the other after the last.
        frames: ``(F,)`` frames of the other that have a counterpart, ascending.
        places: ``(F,)`` their positions in the reference, in reference frames; never falling.
    """

    number: int
    start: int
    end: int
    frames: NDArray[np.int64]
    places: NDArray[np.float64]

    def missing(self, pair: AlignedPair) -> NDArray[np.bool_]:
        """``(N,)``: which frames of the reference this execution leaves out.

        Those before its first and after its last counterpart, and those that the other passes at
        more than four times the reference's tempo, by more than 0.2 s; of real time both.
        """
        frames = np.arange(pair.reference_frames)
        left_out = (frames < self.places[0] - 0.5) | (frames > self.places[-1] + 0.5)
        skipped = np.diff(pair.reference_speed.real_seconds(self.places / pair.reference_fps))
        allowed = _FASTEST * np.diff(pair.other_speed.real_seconds(self.frames / pair.other_fps))
        for first, last in runs(skipped > allowed):
            if (skipped[first:last] - allowed[first:last]).sum() > _HOLE_SECONDS:
                left_out |= (frames > self.places[first]) & (frames < self.places[last])
        return left_out


def executions(pair: AlignedPair) -> list[Execution]:
    """All executions that have a counterpart, in order.

    A pair without repetitions is one execution as a whole.
    """
    found = []
    for number, (start, end) in enumerate(pair.repetitions or [(0, pair.other_frames)]):
        frames = start + np.flatnonzero(pair.matched[start:end])
        if len(frames):
            places = np.maximum.accumulate(pair.positions[frames])
            found.append(Execution(number, start, end, frames, places))
    return found


def runs(values: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Intervals ``[start, end)`` of consecutive true values.

    Args:
        values: ``(T,)`` bool.
    """
    edges = np.flatnonzero(np.diff(values.astype(np.int8), prepend=0, append=0))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]
