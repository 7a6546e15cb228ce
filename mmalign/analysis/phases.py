"""Phases of one labelled reference carried over to the sequences that are aligned to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mmalign.analysis.executions import runs
from mmalign.errors import InputError
from mmalign.structures.alignment import AlignedPair

NO_PHASE = -1
"""The label of a frame that has no counterpart in the reference."""

# Shorter holes between two frames of one phase are jitter of the alignment.
_HOLE_SECONDS = 0.2


@dataclass(frozen=True)
class PhaseInterval:
    """A stretch of a sequence that is one phase.

    Attributes:
        phase: Number of the phase.
        name: Its name.
        start: When it begins, in seconds.
        end: When it is over, in seconds.
        repetition: Which execution it belongs to, from 0; -1 where that is not known.
        confidence: Mean confidence of its frames, in [0, 1].
    """

    phase: int
    name: str
    start: float
    end: float
    repetition: int = -1
    confidence: float = 1.0


def transfer_labels(pair: AlignedPair, labels: ArrayLike) -> NDArray[np.int64]:
    """Give every frame of the other the label of the reference frame that it matches.

    Args:
        pair: An alignment.
        labels: ``(N,)`` integer labels of the reference.

    Returns:
        ``(M,)`` int64; ``NO_PHASE`` where a frame has no counterpart. Holes of up to 0.2 s between
        two frames of one label in one execution take that label.

    Raises:
        InputError: If there is not one integer label per reference frame.
    """
    labels = np.asarray(labels)
    if labels.shape != (pair.reference_frames,) or labels.dtype.kind not in "iu":
        raise InputError(
            f"labels of {pair.reference}: found {labels.dtype} of shape {labels.shape}, expected"
            f" integers of shape ({pair.reference_frames},), one per frame of the reference"
        )
    found = np.full(pair.other_frames, NO_PHASE, dtype=np.int64)
    nearest = np.rint(pair.positions[pair.matched]).astype(np.intp)
    found[pair.matched] = labels[np.clip(nearest, 0, pair.reference_frames - 1)]
    repetition = repetition_numbers(pair)
    for start, end in runs(~pair.matched):
        if not 0 < start < end < pair.other_frames or end - start > _HOLE_SECONDS * pair.other_fps:
            continue
        if found[start - 1] == found[end] and repetition[start - 1] == repetition[end]:
            found[start:end] = found[end]
    return found


def repetition_numbers(pair: AlignedPair) -> NDArray[np.int64]:
    """``(M,)``: which repetition each frame of the other belongs to; -1 for none."""
    numbers = np.full(pair.other_frames, -1, dtype=np.int64)
    for number, (start, end) in enumerate(pair.repetitions):
        numbers[start:end] = number
    return numbers


def transfer_phases(
    pair: AlignedPair, labels: ArrayLike, names: Sequence[str] = ()
) -> list[PhaseInterval]:
    """Phases of the other as intervals of time.

    Args:
        pair: An alignment.
        labels: ``(N,)`` phases of the reference from 0 upwards; a negative one is no phase.
        names: Names of the phases; one without a name is called ``phase k``.

    Returns:
        Intervals in order, without overlap; nothing where there is no counterpart.

    Raises:
        InputError: See :func:`transfer_labels`.
    """
    found = transfer_labels(pair, labels)
    return phase_intervals(found, pair.other_fps, names, repetition_numbers(pair), pair.confidence)


def phase_intervals(
    labels: NDArray[np.int64],
    fps: float,
    names: Sequence[str] = (),
    repetitions: NDArray[np.int64] | None = None,
    confidence: NDArray[np.float64] | None = None,
) -> list[PhaseInterval]:
    """Intervals of equal label.

    Args:
        labels: ``(T,)``; frames of a negative label are in no interval.
        fps: Frames per second.
        names: Names of the phases.
        repetitions: ``(T,)``, -1 for none; an interval ends where it changes.
        confidence: ``(T,)`` in [0, 1].
    """
    if repetitions is None:
        repetitions = np.full(len(labels), -1)
    if confidence is None:
        confidence = np.ones(len(labels))
    changes = (np.diff(labels) != 0) | (np.diff(repetitions) != 0)
    bounds = [0, *(np.flatnonzero(changes) + 1).tolist(), len(labels)]
    return [
        PhaseInterval(
            phase=int(labels[start]),
            name=phase_name(int(labels[start]), names),
            start=start / fps,
            end=end / fps,
            repetition=int(repetitions[start]),
            confidence=float(confidence[start:end].mean()),
        )
        for start, end in zip(bounds[:-1], bounds[1:], strict=True)
        if end > start and labels[start] >= 0
    ]


def labels_of(intervals: Sequence[PhaseInterval], num_frames: int, fps: float) -> NDArray[np.int64]:
    """Labels ``(T,)`` per frame from intervals; ``NO_PHASE`` outside of all.

    Args:
        intervals: Intervals; a later one wins where two overlap.
        num_frames: Frames T of the sequence.
        fps: Its frames per second.
    """
    labels = np.full(num_frames, NO_PHASE, dtype=np.int64)
    for interval in intervals:
        # Files state times to a millisecond: the frame nearest to one is meant.
        bounds = np.clip([interval.start, interval.end], 0, num_frames / fps) * fps
        start, end = np.rint(bounds).astype(int)
        labels[start:end] = interval.phase
    return labels


def phase_name(phase: int, names: Sequence[str]) -> str:
    """The name of a phase, or its number where it has none."""
    return names[phase] if phase < len(names) else f"phase {phase}"


def progress_curve(pair: AlignedPair) -> NDArray[np.float64]:
    """How far the other is, frame by frame, as a share of the reference.

    Returns:
        ``(M,)`` in [0, 1], 0 at the reference's first frame and 1 at its last; NaN where a frame
        has no counterpart. It never falls within one repetition.
    """
    return pair.positions / max(1, pair.reference_frames - 1)
