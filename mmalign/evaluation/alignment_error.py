"""The error of alignments whose truth is known, beside what needs no learning."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from mmalign.apis import AlignmentInferencer
from mmalign.datasets.pose_file import PoseSequence
from mmalign.datasets.processing import resample_sequence
from mmalign.functional.alignment import align_frames
from mmalign.functional.floors import raw_pose

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


def by_network(align: AlignmentInferencer, method: str) -> Callable[[Case], Aligned]:
    """Align by the network."""

    def run(case: Case) -> Aligned:
        pair = align(case.reference, case.other, method=method).pairs[0]
        return pair.positions, pair.matched

    return run


def by_raw_pose(case: Case) -> Aligned:
    """Align by the raw poses, by the same algorithm."""
    first, second = (resample_sequence(s, FPS) for s in (case.reference, case.other))
    features = [raw_pose(s.keypoints, s.scores) for s in (first, second)]
    found = align_frames(features[0], features[1], FPS)
    frames = np.arange(case.other.num_frames) * (FPS / case.other.fps)
    positions = np.interp(frames, np.arange(len(found.positions)), found.positions)
    return positions * (case.reference.fps / FPS), np.ones(len(frames), dtype=bool)


def by_clock(case: Case) -> Aligned:
    """Stretch one onto the other from end to end."""
    count = case.other.num_frames
    last = case.reference.num_frames - 1
    return np.linspace(0, last, count), np.ones(count, dtype=bool)


def measure(cases: Sequence[Case], run: Callable[[Case], Aligned]) -> str:
    """Median and 95th percentile of the error, and how much of what has a counterpart got one."""
    errors, found, wanted = [], 0, 0
    for case in cases:
        positions, matched = run(case)
        with np.errstate(invalid="ignore"):
            inside = (case.truth >= 0) & (case.truth <= case.reference.num_frames - 1)
        both = inside & matched
        errors.append(np.abs(positions - case.truth)[both] / case.reference.fps * 1000)
        found, wanted = found + both.sum(), wanted + inside.sum()
    joined = np.concatenate(errors)
    median, tail = np.percentile(joined, [50, 95]) if len(joined) else (np.nan, np.nan)
    return f"{median:6.1f} {tail:7.1f} {found / wanted:8.3f}"
