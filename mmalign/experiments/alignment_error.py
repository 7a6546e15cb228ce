"""The error of alignments whose truth is known, beside what needs no learning."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mmalign.apis import AlignedPair, AlignedSequence, AlignmentInferencer
from mmalign.apis.pairing import EmbeddedSequence, align_pair
from mmalign.datasets.transforms import TemporalWarp
from mmalign.functional.floors import raw_pose
from mmalign.functional.pose import resample_pose
from mmalign.poses.pose_file import PoseSequence
from mmalign.poses.processing import resample_sequence

FPS = 30.0
"""Frame rate at which raw poses are aligned."""


@dataclass
class Case:
    """Two sequences and the truth.

    Attributes:
        reference: N frames.
        other: M frames.
        truth: ``(M,)``: where each frame of the other stands in the reference, in frames; NaN where
            that is not known, or outside 0 to N - 1 where it has no counterpart.
    """

    reference: PoseSequence
    other: PoseSequence
    truth: np.ndarray


Aligned = tuple[np.ndarray, np.ndarray]
"""Positions and which of them are matched."""


def cut_windows(
    a: PoseSequence,
    b: PoseSequence,
    rng: np.random.Generator,
    shortest: float,
    longest: float = 1.0,
) -> Case:
    """Cut two views of one execution to a window and a tempo of its own each.

    Args:
        a: the reference.
        b: the other, frame k of which is the same instant as frame k of ``a``.
        rng: source of randomness.
        shortest: smallest window, as a share of the view.
        longest: largest.

    Returns:
        The windows; time in each goes at 0.7 to 1.4 times its speed, which varies smoothly.
    """
    parts, instants = [], []
    for view in (a, b):
        length = int(rng.uniform(shortest, longest) * view.num_frames)
        start = int(rng.integers(0, view.num_frames - length + 1))
        warp = TemporalWarp(max_log_speed=0.5, min_speed=0.7, max_speed=1.4)
        where = start + warp.positions(length, rng).astype(np.float64)
        keypoints, scores = resample_pose(view.keypoints, view.scores, where)
        parts.append(
            replace(view, keypoints=keypoints, scores=scores, keypoints3d=None, labels=None)
        )
        instants.append(where)
    truth = np.interp(instants[1], instants[0], np.arange(len(instants[0])), left=-1, right=np.inf)
    return Case(parts[0], parts[1], truth)


def by_network(align: AlignmentInferencer, method: str) -> Callable[[Case], Aligned]:
    """Align by the network."""

    def run(case: Case) -> Aligned:
        pair = align(case.reference, case.other, method=method).pairs[0]
        return pair.positions, pair.matched

    return run


def align_raw_poses(reference: PoseSequence, other: PoseSequence, method: str) -> AlignedPair:
    """Align two sequences as the inferencer does, by their raw poses instead of embeddings."""

    def embed(name: str, sequence: PoseSequence) -> EmbeddedSequence:
        seen = resample_sequence(sequence, FPS)
        frames = raw_pose(seen.keypoints, seen.scores)
        return EmbeddedSequence(AlignedSequence(name, sequence), frames, FPS)

    return align_pair(embed("reference", reference), embed("other", other), method, mirror="no")


def by_raw_pose(method: str) -> Callable[[Case], Aligned]:
    """Align by the raw poses."""

    def run(case: Case) -> Aligned:
        pair = align_raw_poses(case.reference, case.other, method)
        return pair.positions, pair.matched

    return run


def by_clock(case: Case) -> Aligned:
    """Stretch one onto the other from end to end."""
    count = case.other.num_frames
    last = case.reference.num_frames - 1
    return np.linspace(0, last, count), np.ones(count, dtype=bool)


def by_frame_number(case: Case) -> Aligned:
    """Both begin together and go at the speed of the recording."""
    frames = np.arange(case.other.num_frames) * (case.reference.fps / case.other.fps)
    positions = np.minimum(frames, case.reference.num_frames - 1)
    return positions, np.ones(len(positions), dtype=bool)


@dataclass(frozen=True)
class ErrorStatistics:
    """Errors over all frames that have a counterpart and got one; NaN where none did.

    Attributes:
        mean: milliseconds.
        median: milliseconds.
        tail: 95th percentile, milliseconds.
        matched: share of the frames with a counterpart that got one.
    """

    mean: float
    median: float
    tail: float
    matched: float

    def __str__(self) -> str:
        return f"{self.median:6.1f} {self.tail:7.1f} {self.matched:8.3f}"


def measure(cases: Sequence[Case], run: Callable[[Case], Aligned]) -> ErrorStatistics:
    """The error of a way to align."""
    errors, found, wanted = [], 0, 0
    for case in cases:
        positions, matched = run(case)
        with np.errstate(invalid="ignore"):
            inside = (case.truth >= 0) & (case.truth <= case.reference.num_frames - 1)
        both = inside & matched
        errors.append(np.abs(positions - case.truth)[both] / case.reference.fps * 1000)
        found, wanted = found + both.sum(), wanted + inside.sum()
    joined = np.concatenate(errors)
    if not len(joined):
        return ErrorStatistics(np.nan, np.nan, np.nan, 0.0)
    median, tail = np.percentile(joined, [50, 95])
    return ErrorStatistics(float(joined.mean()), float(median), float(tail), found / wanted)
