"""Recordings of the same moments by several cameras in, the offsets of their clocks out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from mmalign.apis.inputs import Source, read_inputs
from mmalign.errors import InputError
from mmalign.functional.epipolar import epipolar_distances
from mmalign.functional.synchronization import (
    ClockOffset,
    NoOffsetError,
    find_clock_offset,
    normalize_track,
)
from mmalign.poses.pose_file import PoseSequence
from mmalign.poses.processing import resample_sequence, resampled_length
from mmalign.skeletons import get_skeleton
from mmalign.structures import AlignedPair, AlignedSequence, AlignmentResult, Offset

# Share of the shorter recording that both must have in common, and how many seconds are enough.
_SHARE, _ENOUGH = 0.5, 5.0
# Frames at most, for which a similarity of all with all is kept.
_MOST_SIMILARITIES = 4_000_000
# Share of the distance between unlike moments that still counts as a fit.
_ALLOWANCE = 0.37
DOUBTFUL = 0.06
"""Misfit above which both probably do not show the same moments; the score is a half there."""


@dataclass
class Synchronization:
    """What :func:`synchronize` found.

    Attributes:
        alignment: Every other recording along the reference's time, of method ``offset``; the score
            of ``same_activity`` is that both show the same moments, a half at a misfit of 0.06.
        offsets: Per other its offset.
    """

    alignment: AlignmentResult
    offsets: list[Offset]


def synchronize(
    *inputs: Source,
    reference: int = 0,
    least_overlap: float | None = None,
    format_name: str | None = None,
    format_options: Mapping[str, Any] | None = None,
) -> Synchronization:
    """Find by how much the clocks of cameras differ that film one person at the same time.

    It needs no network: see :mod:`mmalign.functional.synchronization`. The cameras must stand still
    and not zoom, and frame rates must be right. What differs by more than the offset, such as two
    executions of one activity, is a matter for :class:`~mmalign.apis.AlignmentInferencer`.

    Args:
        *inputs: Two or more, as for :class:`~mmalign.apis.AlignmentInferencer`. Frame rates, frame
            sizes and skeletons may differ; joints of the same name are compared.
        reference: Number of the reference among the sequences.
        least_overlap: Seconds that a recording must have in common with the reference; half of the
            shorter one's, at most 5, where not given.
        format_name: A name of :mod:`mmalign.formats.catalogue`.
        format_options: Options of that format's reader.

    Raises:
        InputError: If an input cannot be used, or nobody moves in two of them.
    """
    found = read_inputs(inputs, format_name, format_options)
    if len(found) < 2:
        raise InputError(f"inputs: found {len(found)} sequence, expected two or more")
    if not 0 <= reference < len(found):
        raise InputError(f"reference is {reference}, expected a number from 0 to {len(found) - 1}")
    if least_overlap is not None and not least_overlap > 0:
        raise InputError(f"least_overlap is {least_overlap:g} s, expected a positive number")
    first, others = found[reference], found[:reference] + found[reference + 1 :]
    pairs, offsets = [], []
    for other in others:
        pair, offset = _synchronize_pair(first, other, least_overlap)
        pairs.append(pair)
        offsets.append(offset)
    return Synchronization(AlignmentResult(first, others, pairs, "offset"), offsets)


def _synchronize_pair(
    reference: AlignedSequence, other: AlignedSequence, least_overlap: float | None
) -> tuple[AlignedPair, Offset]:
    sequences = reference.poses, other.poses
    fps = max(one.fps for one in sequences)
    tracks = _common_tracks(reference, other, fps)
    shorter = min(len(scores) for _, scores in tracks) / fps
    wanted = least_overlap or min(_SHARE * shorter, _ENOUGH)
    names = f"{reference.name}, {other.name}"
    if wanted > shorter:
        raise InputError(
            f"{names}: the shorter one has {shorter:.2f} s, less than the overlap of {wanted:g} s"
            " that is asked for; ask for less with --least-overlap"
        )
    try:
        clock = find_clock_offset(tracks[0], tracks[1], fps, max(2, round(wanted * fps)))
    except NoOffsetError as error:
        raise InputError(
            f"{names}: {error}; synchronising needs a person who moves in both for a second or more"
        ) from error
    offset = Offset(
        clock.lag / fps, clock.correlation, clock.misfit, clock.lags / fps, clock.correlations
    )
    return _to_pair(reference, other, clock, tracks, fps), offset


Track = tuple[np.ndarray, np.ndarray]


def _common_tracks(a: AlignedSequence, b: AlignedSequence, fps: float) -> list[Track]:
    """Keypoints and scores of the joints that both have, at one frame rate."""
    joints = [get_skeleton(one.poses.skeleton).joints for one in (a, b)]
    shared = [name for name in joints[0] if name in joints[1]]
    if len(shared) < 3:
        raise InputError(
            f"{a.name}, {b.name}: skeletons {a.poses.skeleton!r} and {b.poses.skeleton!r} have"
            f" {len(shared)} joints of the same name, expected three or more"
        )
    tracks = []
    for one, names in zip((a, b), joints, strict=True):
        if resampled_length(one.poses.num_frames, one.poses.fps, fps) < 3:
            raise InputError(f"{one.name}: found {one.poses.num_frames} frame(s); expected more")
        poses = resample_sequence(one.poses, fps)
        chosen = [names.index(name) for name in shared]
        tracks.append((poses.keypoints[:, chosen], poses.scores[:, chosen]))
    return tracks


def _to_pair(
    reference: AlignedSequence,
    other: AlignedSequence,
    clock: ClockOffset,
    tracks: list[Track],
    fps: float,
) -> AlignedPair:
    """The offset as an alignment of the inputs' own frames."""
    ours, theirs = other.poses, reference.poses
    times = np.arange(ours.num_frames) / ours.fps + clock.lag / fps
    positions = times * theirs.fps
    # Half a frame beyond the ends is still the nearest frame.
    inside = (positions >= -0.5) & (positions <= theirs.num_frames - 0.5)
    positions = np.clip(positions, 0, theirs.num_frames - 1)
    frames = np.flatnonzero(inside)
    similarity = None
    if theirs.num_frames * ours.num_frames <= _MOST_SIMILARITIES:
        similarity = _similarity(theirs, ours, clock, tracks, fps)
    return AlignedPair(
        reference=reference.name,
        other=other.name,
        reference_fps=theirs.fps,
        other_fps=ours.fps,
        reference_frames=theirs.num_frames,
        other_frames=ours.num_frames,
        positions=np.where(inside, positions, np.nan),
        confidence=np.where(inside, clock.correlation, 0.0),
        path=np.stack([np.rint(positions[frames]).astype(np.int64), frames], axis=1),
        same_activity=float(np.exp2(-clock.misfit / DOUBTFUL)),
        repetitions=[(int(frames[0]), int(frames[-1]) + 1)] if len(frames) else [],
        similarity=similarity,
    )


def _similarity(
    reference: PoseSequence,
    other: PoseSequence,
    clock: ClockOffset,
    tracks: list[Track],
    fps: float,
) -> np.ndarray:
    """How well each frame of one fits each of the other across the epipolar lines, ``(N, M)``."""
    shown = []
    for one, (points, scores) in zip((reference, other), tracks, strict=True):
        frames = np.rint(np.arange(one.num_frames) * fps / one.fps).astype(np.intp)
        frames = np.minimum(frames, len(points) - 1)
        points, weights = normalize_track(points, scores, fps)
        shown.append((points[frames], weights[frames]))
    distances = epipolar_distances(shown[0], shown[1], clock.fundamental)
    known = distances[np.isfinite(distances)]
    fit = np.exp2(-((distances / (_ALLOWANCE * np.percentile(known, 90))) ** 2))
    return fit.astype(np.float32)
