"""In which order the frames of an aligned pair are shown side by side."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmalign.structures.alignment import AlignedPair

MATCHED, REFERENCE_ONLY, OTHER_ONLY, UNRELATED = range(4)
"""What a tick shows: frames that match; one side alone, the other held; or nothing aligned."""

# Shorter holes are played through as if they were matched: they are jitter, not missing parts.
_HOLE_SECONDS = 0.2
# A reference that runs more than so many times as fast is missing from the other, not performed.
_FASTEST = 4.0
# Of a longer stretch without counterpart only so much is shown at its start and at its end.
_SHOWN_SECONDS = 4.0


@dataclass(frozen=True)
class Timeline:
    """What is shown at each of L ticks, one tick per frame of the reference's clock.

    Attributes:
        fps: Ticks per second: the reference's frame rate.
        reference: ``(L,)`` float64 frame of the reference.
        other: ``(L,)`` float64 frame of the other, fractional.
        kind: ``(L,)`` int64: ``MATCHED``, ``REFERENCE_ONLY``, ``OTHER_ONLY`` or ``UNRELATED``.
        repetition: ``(L,)`` int64 index of the repetition, -1 outside of one.
    """

    fps: float
    reference: NDArray[np.float64]
    other: NDArray[np.float64]
    kind: NDArray[np.int64]
    repetition: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.reference)

    def head(self, ticks: int) -> Timeline:
        """The first ``ticks`` ticks."""
        return Timeline(
            self.fps,
            self.reference[:ticks],
            self.other[:ticks],
            self.kind[:ticks],
            self.repetition[:ticks],
        )


def reference_timeline(pair: AlignedPair) -> Timeline:
    """Every frame of the reference beside the frame of the other that it matches.

    Follows the best repetition. Where the reference has no counterpart, the other is held.
    """
    places = pair.other_positions
    matched = np.isfinite(places)
    known = np.flatnonzero(matched)
    frames = np.arange(pair.reference_frames, dtype=np.float64)
    if not len(known):
        return _unrelated(pair, frames)
    # The last known place before each frame, or the first of all.
    held = known[np.maximum(np.searchsorted(known, frames, side="right") - 1, 0)]
    best = [i for i, (start, end) in enumerate(pair.repetitions) if start <= pair.path[0, 1] < end]
    repetition = np.where(matched, best[0] if best else -1, -1)
    kind = np.where(matched, MATCHED, REFERENCE_ONLY)
    return Timeline(pair.reference_fps, frames, places[held], kind, repetition)


def full_timeline(pair: AlignedPair) -> Timeline:
    """A walk along the alignment that shows both sequences: matched frames beside each other.

    Every repetition is played against the reference. Frames without a counterpart are played
    alone, at their own tempo, while the other side is held; long stretches of them are cut in the
    middle. Where nothing matches, both are played from their starts.
    """
    parts: list[NDArray[np.float64]] = []
    reached = -1  # the last frame of the other that was shown
    intervals = pair.repetitions or [(0, pair.other_frames)]
    for number, (start, end) in enumerate(intervals):
        frames = start + np.flatnonzero(pair.matched[start:end])
        if not len(frames):
            continue
        places = np.maximum.accumulate(pair.positions[frames])
        parts += _walk(pair, frames, places, reached, number if pair.repetitions else -1)
        reached = int(frames[-1])
    if not parts:
        return _unrelated(pair, np.arange(pair.reference_frames, dtype=np.float64))
    parts.append(_other_alone(pair, reached, pair.other_frames, pair.reference_frames - 1))
    columns = np.concatenate(parts, axis=1)
    return Timeline(
        pair.reference_fps, columns[0], columns[1], columns[2].astype(int), columns[3].astype(int)
    )


def _walk(
    pair: AlignedPair, frames: NDArray, places: NDArray, reached: int, repetition: int
) -> list[NDArray[np.float64]]:
    """Ticks of one repetition: runs of matched frames and what lies between them."""
    gap = np.diff(frames)
    skipped = np.diff(places) / pair.reference_fps
    missing = skipped > _HOLE_SECONDS + _FASTEST * gap / pair.other_fps
    extra = (gap - 1) / pair.other_fps > _HOLE_SECONDS
    cuts = np.flatnonzero(missing | extra) + 1
    bounds = [0, *cuts.tolist(), len(frames)]
    parts: list[NDArray[np.float64]] = []
    shown = -1  # the last frame of the reference that was shown
    for first, last in zip(bounds[:-1], bounds[1:], strict=True):
        run, at = frames[first:last], places[first:last]
        begin = max(shown + 1, int(np.ceil(at[0] - 0.5)))
        end = max(begin, int(np.floor(at[-1] + 0.5)) + 1)
        before = int(frames[first - 1]) if first else reached
        parts.append(_other_alone(pair, before, int(run[0]), max(shown, 0) if first else begin))
        parts.append(_reference_alone(shown + 1, begin, run[0]))
        ticks = np.arange(begin, end, dtype=np.float64)
        # Of several frames at one place, the last: the next tick goes on from there.
        parts.append(_ticks(ticks, np.interp(ticks, at, run), MATCHED, repetition))
        shown = end - 1
    return [*parts, _reference_alone(shown + 1, pair.reference_frames, frames[-1])]


def _reference_alone(start: int, end: int, held: float) -> NDArray[np.float64]:
    """Frames ``[start, end)`` of the reference, the other sequence held."""
    frames = np.arange(start, end, dtype=np.float64)
    return _ticks(frames, np.full(len(frames), held), REFERENCE_ONLY)


def _other_alone(pair: AlignedPair, after: int, before: int, held: float) -> NDArray[np.float64]:
    """Frames of the other between two others at their own tempo, the reference held."""
    seconds = (before - after - 1) / pair.other_fps
    if seconds <= _HOLE_SECONDS:
        return _ticks(np.empty(0), np.empty(0), OTHER_ONLY)
    frames = np.linspace(after + 1, before - 1, max(1, round(seconds * pair.reference_fps)))
    ends = int(_SHOWN_SECONDS * pair.reference_fps)
    if len(frames) > 2 * ends:
        frames = np.concatenate([frames[:ends], frames[-ends:]])
    return _ticks(np.full(len(frames), held), frames, OTHER_ONLY)


def _ticks(
    reference: NDArray, other: NDArray, kind: int, repetition: int = -1
) -> NDArray[np.float64]:
    """Rows of a timeline ``(4, L)``."""
    rows = np.empty((4, len(reference)))
    rows[0], rows[1], rows[2], rows[3] = reference, other, kind, repetition
    return rows


def _unrelated(pair: AlignedPair, frames: NDArray[np.float64]) -> Timeline:
    other = np.minimum(frames * pair.other_fps / pair.reference_fps, pair.other_frames - 1)
    kind = np.full(len(frames), UNRELATED)
    return Timeline(pair.reference_fps, frames, other, kind, np.full(len(frames), -1))
