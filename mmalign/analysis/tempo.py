"""Tempo of an execution against the reference, and where it stands still."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmalign.analysis.executions import Execution, runs
from mmalign.analysis.phases import PhaseInterval, labels_of, phase_intervals, transfer_labels
from mmalign.structures.alignment import AlignedPair

# Slower than this share of the reference's tempo counts as standing still.
_STILL_TEMPO = 0.05


@dataclass(frozen=True)
class StepTempo:
    """How fast an execution goes through one step of the reference.

    Attributes:
        step: The step, in seconds of the reference.
        start: When the other begins it, in seconds of the other; NaN where it does not.
        reference_seconds: How long the reference takes for the part of it that is executed, of real
            time: slow motion is no slow tempo.
        other_seconds: How long the other takes for that, likewise, without standing still.
        missing_seconds: How much of the step is left out, in seconds of the reference.
    """

    step: PhaseInterval
    start: float
    reference_seconds: float
    other_seconds: float
    missing_seconds: float

    @property
    def tempo(self) -> float:
        """Tempo as a multiple of the reference's, 0.5 for half as fast; NaN if not executed."""
        if not self.reference_seconds or not self.other_seconds:
            return float("nan")
        return self.reference_seconds / self.other_seconds


def steps_of(
    pair: AlignedPair, labels: NDArray[np.int64] | None, names: Sequence[str]
) -> list[PhaseInterval]:
    """The steps of the reference: its phases in order, or the whole where none are known.

    Args:
        pair: An alignment.
        labels: ``(N,)`` phases of the reference, or None.
        names: The phases' names.
    """
    if labels is None:
        whole = pair.reference_frames / pair.reference_fps
        return [PhaseInterval(0, "the whole", 0.0, whole)]
    return phase_intervals(labels, pair.reference_fps, names)


def step_tempos(
    pair: AlignedPair,
    execution: Execution,
    steps: Sequence[PhaseInterval],
    still: Sequence[tuple[int, int]] = (),
) -> list[StepTempo]:
    """The tempo of every step in one execution.

    Args:
        pair: An alignment.
        execution: One of its executions.
        steps: From :func:`steps_of`.
        still: Intervals of frames of the other in which it stands still; their time is not the
            steps'.

    Returns:
        One entry per step.
    """
    numbered = [PhaseInterval(i, step.name, step.start, step.end) for i, step in enumerate(steps)]
    of_reference = labels_of(numbered, pair.reference_frames, pair.reference_fps)
    moving = np.zeros(pair.other_frames, dtype=bool)
    moving[execution.frames[0] : execution.frames[-1] + 1] = True
    of_other = transfer_labels(pair, of_reference)
    began = [np.flatnonzero(moving & (of_other == i)) for i in range(len(steps))]
    for start, end in still:
        moving[start:end] = False
    missing = execution.missing(pair)
    lasting = pair.reference_speed.at(np.arange(pair.reference_frames) / pair.reference_fps)
    other_lasting = pair.other_speed.at(pair.other_seconds)
    return [
        StepTempo(
            step=step,
            start=float(began[i][0]) / pair.other_fps if len(began[i]) else float("nan"),
            reference_seconds=float(
                lasting[~missing & (of_reference == i)].sum() / pair.reference_fps
            ),
            other_seconds=float(other_lasting[moving & (of_other == i)].sum() / pair.other_fps),
            missing_seconds=float((of_reference[missing] == i).sum() / pair.reference_fps),
        )
        for i, step in enumerate(steps)
    ]


def standstills(pair: AlignedPair, execution: Execution, seconds: float) -> list[tuple[int, int]]:
    """Where an execution does not get on in the reference.

    Args:
        pair: An alignment.
        execution: One of its executions.
        seconds: The shortest standstill, of real time.

    Returns:
        Intervals ``[start, end)`` of frames of the other, between its first and its last
        counterpart, throughout which it advances at less than a twentieth of the reference's
        tempo, or has no counterpart.
    """
    first, last = int(execution.frames[0]), int(execution.frames[-1])
    speeds = pair.other_speed.at(pair.other_seconds[first : last + 1])
    window = max(1, round(seconds * pair.other_fps / float(np.median(speeds))))
    if last - first < window:
        return []
    # Frames without a counterpart hold the place of the one before them.
    held = np.searchsorted(execution.frames, np.arange(first, last + 1), side="right") - 1
    places = execution.places[held] / pair.reference_fps
    places = pair.reference_speed.real_seconds(places)
    passed = places[window:] - places[:-window]
    still = passed < _STILL_TEMPO * window / pair.other_fps * speeds[:-window]
    slow = np.zeros(len(places), dtype=bool)
    for start, end in runs(still):
        slow[start : end + window] = True
    return [(first + start, first + end) for start, end in runs(slow)]
