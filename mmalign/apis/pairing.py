"""Alignments of embeddings as alignments of the inputs' own frames."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import maximum_filter1d

from mmalign.functional.alignment import FrameAlignment, align_frames
from mmalign.functional.clip_offset import clip_offset
from mmalign.functional.match_quality import frame_distances
from mmalign.functional.playback import REAL_TIME, PlaybackSpeed
from mmalign.functional.pose import interpolate_frames
from mmalign.structures.alignment import AlignedPair, AlignedSequence

# Cells of the table of the dynamic programme (one byte and a distance each); longer inputs are
# aligned on every k-th frame.
_MOST_CELLS = 20_000_000
# Cells of the similarity matrix that is kept.
_MOST_SIMILARITIES = 4_000_000
# Seconds without anybody in sight, to either side, that a match survives.
_UNSEEN = 0.25
# A mirrored performer is taken for one when the mirrored match is better by this factor.
_MIRROR_MARGIN = 1.05


@dataclass
class EmbeddedSequence:
    """An input and its embeddings at the frame rate that the network sees.

    Attributes:
        sequence: The input, T frames at its own rate.
        frames: ``(S, D)`` embeddings at ``fps``.
        fps: Frames per second of ``frames``, in real time.
        mirrored: ``(S, D)`` embeddings of the mirrored poses, or None.
        speed: At which speed the input shows what happened.
    """

    sequence: AlignedSequence
    frames: np.ndarray
    fps: float
    mirrored: np.ndarray | None = None
    speed: PlaybackSpeed = REAL_TIME

    def own_frames(self, embedding: np.ndarray) -> np.ndarray:
        """Embeddings interpolated to the input's own T frames."""
        if self.sequence.poses.fps == self.fps and self.speed.is_real_time:
            return embedding
        return interpolate_frames(embedding, self.places(self.fps))

    def places(self, rate: float) -> np.ndarray:
        """``(T,)``: where the own frames stand among ``rate`` frames per second of real time."""
        poses = self.sequence.poses
        if self.speed.is_real_time:
            return np.arange(poses.num_frames) * (rate / poses.fps)
        return self.speed.real_seconds(np.arange(poses.num_frames) / poses.fps) * rate

    def own_positions(self, places: np.ndarray, rate: float) -> np.ndarray:
        """Positions among the own frames, from 0 to T - 1: the inverse of :meth:`places`."""
        poses = self.sequence.poses
        positions = places * (poses.fps / rate)
        if not self.speed.is_real_time:
            positions = self.speed.file_seconds(places / rate) * poses.fps
        return np.clip(positions, 0, poses.num_frames - 1)


def align_pair(
    reference: EmbeddedSequence, other: EmbeddedSequence, method: str, mirror: str
) -> AlignedPair:
    """Align one input to the reference, in the inputs' own frames.

    Args:
        reference: The reference, with mirrored embeddings unless ``mirror`` is ``no``. Mirroring
            the reference instead of the other matches the same frames, and is done once.
        other: The other, embedded at the same rate.
        method: See :func:`mmalign.functional.alignment.align_frames`.
        mirror: ``yes``, ``no``, or ``auto`` for what fits better.
    """
    cells = len(reference.frames) * len(other.frames)
    stride = max(1, int(np.ceil(np.sqrt(cells / _MOST_CELLS))))
    rate, columns = reference.fps / stride, other.frames[::stride]
    candidates = {False: reference.frames, True: reference.mirrored}
    if mirror != "auto":
        del candidates[mirror == "no"]
    rows = {key: x[::stride] for key, x in candidates.items() if x is not None}
    firsts = {key: clip_offset(x, columns) for key, x in rows.items()}
    mirrored = True in firsts and (
        False not in firsts or firsts[True].score > _MIRROR_MARGIN * firsts[False].score
    )
    alignment = align_frames(rows[mirrored], columns, rate, method, firsts[mirrored])
    pair = _to_pair(alignment, rate, reference, other)
    pair.mirrored = mirrored
    if pair.reference_frames * pair.other_frames <= _MOST_SIMILARITIES:
        seen = candidates[mirrored]
        assert seen is not None
        theirs = other.own_frames(other.frames) + alignment.offset
        distances = frame_distances(reference.own_frames(seen), theirs)
        pair.similarity = np.exp2(-((distances / alignment.allowance) ** 2))
    return pair


def _to_pair(
    alignment: FrameAlignment, rate: float, reference: EmbeddedSequence, other: EmbeddedSequence
) -> AlignedPair:
    """An alignment of frames at ``rate`` as one of the inputs' own frames."""
    ours, theirs = other.sequence.poses, reference.sequence.poses
    columns = other.places(rate)
    nearest = np.minimum(np.rint(columns).astype(np.intp), len(alignment.positions) - 1)
    positions = alignment.positions[nearest]
    segments = [_within(nearest, segment) for segment in alignment.segments]
    for frames, (start, end) in zip(segments, alignment.segments, strict=True):
        # Never across segments: between two repetitions positions jump back.
        columns_of = np.arange(start, end)
        positions[frames] = np.interp(columns[frames], columns_of, alignment.positions[start:end])
    positions = reference.own_positions(positions, rate)
    matched = alignment.matched[nearest] & _seen(ours.scores, ours.fps)
    best = segments[alignment.best]
    return AlignedPair(
        reference=reference.sequence.name,
        other=other.sequence.name,
        reference_fps=theirs.fps,
        other_fps=ours.fps,
        reference_frames=theirs.num_frames,
        other_frames=ours.num_frames,
        positions=np.where(matched, positions, np.nan),
        confidence=np.where(matched, alignment.confidence[nearest], 0.0),
        path=np.stack([np.rint(positions[best]).astype(np.int64), best], axis=1),
        same_activity=alignment.same_activity,
        repetitions=[
            (int(frames[0]), int(frames[-1]) + 1)
            for frames in (_within(nearest, one) for one in alignment.occurrences)
            if len(frames)
        ],
        measures=alignment.measures,
        reference_speed=reference.speed,
        other_speed=other.speed,
    )


def _within(columns: np.ndarray, interval: tuple[int, int]) -> np.ndarray:
    """Which frames fall into an interval ``[start, end)`` of columns."""
    return np.flatnonzero((columns >= interval[0]) & (columns < interval[1]))


def _seen(scores: np.ndarray, fps: float) -> np.ndarray:
    """Per frame: whether any joint is seen within `_UNSEEN` of it."""
    size = 2 * round(_UNSEEN * fps) + 1
    return maximum_filter1d(scores.max(axis=1), size, mode="constant") > 0
