"""How an execution deviates from the reference: tempo, pauses, missing and extra parts, angles."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mmalign.analysis.angles import angle_differences, angle_names, check_poses
from mmalign.analysis.executions import Execution, executions, runs
from mmalign.analysis.tempo import StepTempo, standstills, step_tempos, steps_of
from mmalign.apis.alignment import AlignedPair
from mmalign.datasets.pose_file import PoseSequence
from mmalign.fileio import atomic_write
from mmalign.skeletons import get_skeleton

# A person who varies less than this share of what the whole sequence does is standing still.
_STILL_SHARE = 0.25
# Single frames' angles are as good as their joints; deviations are those of so many seconds.
_ANGLE_SECONDS = 0.2


@dataclass(frozen=True)
class Deviation:
    """One finding.

    Attributes:
        kind: ``tempo``, ``pause``, ``idle``, ``missing step``, ``extra part``, ``joint angle`` or
            ``no execution``.
        text: The finding in words, with its figures.
        other_seconds: When it begins in the other; None for what the other lacks.
        reference_seconds: When it begins in the reference; None for what the reference lacks.
        magnitude: How much, in ``unit``.
        unit: ``s``, ``degrees`` or ``x`` (a multiple of the reference's tempo).
        repetition: Which execution it belongs to, from 0; -1 outside of all.
    """

    kind: str
    text: str
    other_seconds: float | None
    reference_seconds: float | None
    magnitude: float
    unit: str
    repetition: int


@dataclass(frozen=True)
class DeviationOptions:
    """From where on a difference is a deviation.

    Attributes:
        tempo: Factor by which a step's tempo must differ, either way.
        seconds: Shortest pause, extra or missing part.
        degrees: Smallest difference of a joint angle.
        moments: At most so many of the worst moments of joint angles are reported.
        separation: They are at least so many seconds apart.
    """

    tempo: float = 1.25
    seconds: float = 0.5
    degrees: float = 15.0
    moments: int = 5
    separation: float = 1.0


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


def write_deviations(path: str | Path, rows: Sequence[Deviation], pair: AlignedPair) -> Path:
    """Write findings as JSON: the names of both sequences and one object per finding.

    Raises:
        InputError: If the file cannot be written.
    """
    plain = [
        {key: round(x, 3) if isinstance(x, float) else x for key, x in asdict(row).items()}
        for row in rows
    ]
    content = {"reference": pair.reference, "other": pair.other, "deviations": plain}
    with atomic_write(path) as temporary:
        temporary.write_text(
            json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
        )
    return Path(path)


def worst_moments(
    pair: AlignedPair,
    reference: PoseSequence,
    other: PoseSequence,
    options: DeviationOptions | None = None,
) -> list[Deviation]:
    """The moments whose joint angles differ most from the reference's, the worst first.

    Angles are smoothed by a running median over 0.2 s, and each moment names its worst joint.

    Args:
        pair: Their alignment.
        reference: Poses of the reference.
        other: Poses of the other.
        options: How many, how far apart and how large.

    Raises:
        InputError: See :func:`~mmalign.analysis.angles.angle_differences`.
    """
    options = options or DeviationOptions()
    width = round(_ANGLE_SECONDS * pair.other_fps) // 2 * 2 + 1
    differences = _running_median(angle_differences(pair, reference, other), width)
    sizes = np.nan_to_num(np.abs(differences), nan=-1.0)
    worst = sizes.max(axis=1, initial=-1.0)
    joints = angle_names(get_skeleton(reference.skeleton))
    apart = options.separation * pair.other_fps
    frames = np.arange(pair.other_frames)
    rows: list[Deviation] = []
    for _ in range(options.moments):
        frame = int(worst.argmax())
        if worst[frame] < options.degrees:
            break
        joint = int(sizes[frame].argmax())
        change = float(differences[frame, joint])
        place = float(pair.seconds[frame])
        text = (
            f"{joints[joint]} {abs(change):.0f}° {'straighter' if change > 0 else 'more bent'}"
            f" than in the reference at {place:.2f} s"
        )
        when = frame / pair.other_fps
        number = _repetition_at(pair, frame)
        rows.append(Deviation("joint angle", text, when, place, abs(change), "degrees", number))
        worst[np.abs(frames - frame) < apart] = -1.0
    return rows


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


def _running_median(values: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    """Median ``(M, A)`` over an odd number of frames, of those that are known."""
    if width < 3:
        return values
    padding = np.full((width // 2, values.shape[1]), np.nan)
    padded = np.concatenate([padding, values, padding])
    windows = np.lib.stride_tricks.sliding_window_view(padded, width, axis=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # nothing is known in a window
        smooth = np.nanmedian(windows, axis=-1)
    return np.where(np.isnan(values), np.nan, smooth)


def _repetition_at(pair: AlignedPair, frame: int) -> int:
    numbers = [i for i, (start, end) in enumerate(pair.repetitions) if start <= frame < end]
    return numbers[0] if numbers else -1


def _when(row: Deviation) -> tuple[float, float]:
    """By time in the other; what it lacks where it would be in the reference."""
    place = row.reference_seconds or 0.0
    return (row.other_seconds if row.other_seconds is not None else place, place)
