"""Pairs of one activity and of two."""

from __future__ import annotations

import numpy as np
import pytest

from mmalign.experiments.activity_pairs import DIFFERENT, SAME, activity_pairs
from mmalign.poses.pose_file import PoseSequence


def clip(seed: int, frames: int = 40) -> PoseSequence:
    rng = np.random.default_rng(seed)
    path = np.cumsum(rng.normal(0, 1, (frames, 13, 2)), axis=0)
    body = rng.uniform(20, 180, (13, 2))
    keypoints = (body + path).astype(np.float32)
    scores = np.ones((frames, 13), dtype=np.float32)
    return PoseSequence(
        keypoints=keypoints, scores=scores, fps=20.0, frame_size=(200, 200), skeleton="penn13"
    )


CLIPS = {name: [clip(10 * k + i) for i in range(3)] for k, name in enumerate(("a", "b", "squats"))}
VIEWS = [[clip(100 + 10 * k + i) for i in range(2)] for k in range(3)]


def test_as_many_as_said_of_each_kind_and_the_same_by_the_same_seed():
    pairs = activity_pairs(CLIPS, VIEWS, 4)
    kinds = [pair.kind for pair in pairs]
    assert all(kinds.count(kind) == 4 for kind in SAME)
    assert all(kinds.count(kind) == 12 for kind in DIFFERENT)
    again = activity_pairs(CLIPS, VIEWS, 4)
    for one, two in zip(pairs, again, strict=True):
        np.testing.assert_array_equal(one.other.keypoints, two.other.keypoints)


def test_without_views_there_are_no_cameras():
    assert "cameras" not in {pair.kind for pair in activity_pairs(CLIPS, [], 2)}


def test_actions_that_look_alike_backwards_are_not_reversed():
    pairs = activity_pairs(CLIPS, [], 4)
    assert {pair.action for pair in pairs if pair.kind == "reversed"} == {"a", "b"}


@pytest.mark.parametrize(("kind", "least", "most"), [("repeated", 120, 120), ("partial", 15, 32)])
def test_lengths(kind, least, most):
    for pair in activity_pairs(CLIPS, [], 6):
        if pair.kind == kind:
            lengths = sorted({pair.reference.num_frames, pair.other.num_frames} - {40})
            assert all(least <= length <= most for length in lengths)
