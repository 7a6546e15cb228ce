"""How an execution deviates from the reference: tempo, pauses, missing and extra parts, angles."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from mmalign.analysis.angles import check_poses
from mmalign.analysis.executions import Execution, executions, runs
from mmalign.analysis.findings import Deviation, DeviationOptions
from mmalign.analysis.tempo import StepTempo, standstills, step_tempos, steps_of
from mmalign.analysis.worst_moments import worst_moments
from mmalign.poses.pose_file import PoseSequence
from mmalign.structures.alignment import AlignedPair

# A person who varies less than this share of what the whole sequence does is standing still.
_STILL_SHARE = 0.25


def find_deviations(
    pair: AlignedPair,
    reference: PoseSequence,
    other: PoseSequence,
    names: Sequence[str] = (),
    options: DeviationOptions | None = None,
) -> list[Deviation]:
    """Find how a sequence deviates from the reference.

    Args:
        pair: Their alignment.
        reference: Poses of the reference; its labels, where it has some, are the steps.
        other: Poses of the other.
        names: Names of the labels.
        options: What counts as a deviation.

    Returns:
        Findings in the order of time in the other.

    Raises:
        InputError: If the poses do not fit the pair or each other.
    """
    options = options or DeviationOptions()
    check_poses(pair, reference, other)
    found = executions(pair)
    if not found:
        seconds = pair.reference_frames / pair.reference_fps
        text = f"nothing in {pair.other} matches {pair.reference}"
        return [Deviation("no execution", text, None, 0.0, seconds, "s", -1)]
    stillness = [_Stillness(sequence) for sequence in (reference, other)]
    steps = steps_of(pair, reference.labels, names)
    rows = list(_outside(pair, stillness[1], options))
    for execution in found:
        stops = standstills(pair, execution, options.seconds)
        rows += _stops(pair, execution, stops, stillness[1])
        tempos = step_tempos(pair, execution, steps, stops)
        rows += _steps(pair, execution, tempos, stillness[0], options)
    rows += worst_moments(pair, reference, other, options)
    return sorted(rows, key=_when)


class _Stillness:
    """Whether a person stands still over some frames, by the spread of the joints."""

    def __init__(self, sequence: PoseSequence) -> None:
        seen = (sequence.scores > 0)[..., None]
        self.points = np.where(seen, sequence.keypoints.astype(np.float64), np.nan)
        self.usual = self._spread(self.points)

    def __call__(self, start: int, end: int) -> bool:
        return self._spread(self.points[start:end]) < _STILL_SHARE * self.usual

    @staticmethod
    def _spread(points: NDArray[np.float64]) -> float:
        """Root mean square distance of the joints from their own means, in pixels."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # a joint that is never seen
            found = np.sqrt(np.nanmean(np.nanvar(points, axis=0)))
        return float(np.nan_to_num(found))


def _stops(
    pair: AlignedPair, execution: Execution, stops: list[tuple[int, int]], still: _Stillness
) -> Iterator[Deviation]:
    """Pauses and extra parts within an execution."""
    for start, end in stops:
        # The first of the frames at one place belongs to the movement.
        seconds = (end - start - 1) / pair.other_fps
        index = max(0, int(np.searchsorted(execution.frames, start, side="right")) - 1)
        place = float(execution.places[index] / pair.reference_fps)
        when = start / pair.other_fps
        at_end = start <= execution.frames[0] or end > execution.frames[-1]
        kind = ("idle" if at_end else "pause") if still(start, end) else "extra part"
        what = {"idle": "waits", "pause": "stands still", "extra part": "does something else"}[kind]
        text = f"{what} for {seconds:.2f} s, at {place:.2f} s of the reference"
        yield Deviation(kind, text, when, place, seconds, "s", execution.number)


def _steps(
    pair: AlignedPair,
    execution: Execution,
    tempos: Sequence[StepTempo],
    still: _Stillness,
    options: DeviationOptions,
) -> Iterator[Deviation]:
    """Steps that are missing, wholly or in part, or of another tempo."""
    missing = execution.missing(pair)
    number, fps = execution.number, pair.reference_fps
    for item in tempos:
        step, when = item.step, None if np.isnan(item.start) else item.start
        whole = step.end - step.start
        first, last = round(step.start * fps), round(step.end * fps)
        gone = first + np.flatnonzero(missing[first:last])
        if len(gone) and item.missing_seconds >= min(options.seconds, 0.8 * whole):
            # The reference standing still is nothing that could be missed.
            if not still(int(gone[0]), int(gone[-1]) + 1):
                entire = item.missing_seconds >= 0.8 * whole
                text = (
                    f"{step.name} is left out ({whole:.2f} s of the reference)"
                    if entire
                    else f"{item.missing_seconds:.2f} of {whole:.2f} s of {step.name} are left out"
                )
                place = float(gone[0]) / fps
                yield Deviation(
                    "missing step", text, when, place, item.missing_seconds, "s", number
                )
                if entire:
                    continue
        tempo = item.tempo
        if not np.isnan(tempo) and max(tempo, 1 / tempo) >= options.tempo:
            text = (
                f"{step.name} at {tempo:.2f} × the reference's tempo"
                f" ({item.other_seconds:.2f} s for {item.reference_seconds:.2f} s)"
            )
            yield Deviation("tempo", text, when, step.start, tempo, "x", number)


def _outside(
    pair: AlignedPair, still: _Stillness, options: DeviationOptions
) -> Iterator[Deviation]:
    """What the other does outside of all executions."""
    inside = np.zeros(pair.other_frames, dtype=bool)
    for execution in executions(pair):
        inside[execution.frames[0] : execution.frames[-1] + 1] = True
    for start, end in runs(~inside):
        seconds = (end - start) / pair.other_fps
        if seconds < options.seconds:
            continue
        where = "before" if not start else "after" if end == pair.other_frames else "between"
        kind, what = ("idle", "waits") if still(start, end) else ("extra part", "something else")
        text = f"{what} for {seconds:.2f} s {where} the activity"
        yield Deviation(kind, text, start / pair.other_fps, None, seconds, "s", -1)


def _when(row: Deviation) -> tuple[float, float]:
    """By time in the other; what it lacks where it would be in the reference."""
    place = row.reference_seconds or 0.0
    return (row.other_seconds if row.other_seconds is not None else place, place)
