"""Errors of alignments whose truth is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tiny_aligner import toy_poses

from mmalign.experiments.alignment_error import Case, align_raw_poses, by_raw_pose, measure
from mmalign.poses.pose_file import PoseSequence

METHODS = ("subsequence", "dtw", "nearest")


def part(sequence: PoseSequence, start: int, end: int) -> PoseSequence:
    points, scores = sequence.keypoints[start:end], sequence.scores[start:end]
    return replace(sequence, keypoints=points, scores=scores, labels=None, keypoints3d=None)


@pytest.mark.parametrize("method", METHODS)
def test_raw_poses_align_a_sequence_with_itself(method: str) -> None:
    poses = toy_poses()
    case = Case(poses, poses, np.arange(poses.num_frames, dtype=float))
    found = measure([case], by_raw_pose(method))
    assert found.mean < 1000 / poses.fps and found.matched > 0.8


def test_raw_poses_are_answerable_for_what_they_match_alone() -> None:
    """The other goes on where the reference has ended: those frames have no position."""
    poses = toy_poses()
    reference = part(poses, 0, poses.num_frames // 2)
    pair = align_raw_poses(reference, poses, "subsequence")
    positions, matched = by_raw_pose("subsequence")(Case(reference, poses, np.empty(0)))
    np.testing.assert_array_equal(positions, pair.positions)
    np.testing.assert_array_equal(matched, np.isfinite(pair.positions))
    assert matched[: poses.num_frames // 3].mean() > 0.8 > 0.5 > matched[-10:].mean()


def test_the_offset_of_raw_poses_is_where_the_other_begins() -> None:
    poses = toy_poses()
    late = part(poses, 6, poses.num_frames)
    found = align_raw_poses(poses, late, "subsequence").offset_seconds
    assert found == pytest.approx(6 / poses.fps, abs=1 / poses.fps)
