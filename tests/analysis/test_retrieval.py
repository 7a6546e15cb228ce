"""A moment of the reference in the others."""

from __future__ import annotations

import math

import numpy as np
import pytest
from aligned import make_pair, make_poses

from mmalign.analysis.retrieval import find_in_all, find_moments
from mmalign.errors import InputError
from mmalign.structures.alignment import AlignedSequence, AlignmentResult


def test_the_matching_frame_of_another_rate() -> None:
    pair = make_pair(np.arange(120) / 2, 60, other_fps=60.0)
    (moment,) = find_moments(pair, 1.0)
    assert (moment.frame, moment.seconds, moment.other) == (60, 1.0, "novice")


def test_one_per_execution_the_most_confident_first() -> None:
    pair = make_pair([*np.arange(30.0), *np.arange(30.0)], 30, [(0, 30), (30, 60)])
    pair.confidence[:30] = 0.5
    found = find_moments(pair, 20 / 30)
    assert [(m.frame, m.repetition, m.confidence) for m in found] == [(50, 1, 1.0), (20, 0, 0.5)]


def test_of_frames_at_one_place_the_most_confident() -> None:
    pair = make_pair([0, 1, 2, 2, 2, 3], 4)
    pair.confidence[:] = [1, 1, 0.2, 0.4, 0.3, 1]
    assert find_moments(pair, 2 / 30)[0].frame == 3


def test_what_is_left_out_is_not_found() -> None:
    positions = [*np.arange(20.0), *np.arange(50.0, 60.0)]
    pair = make_pair(positions, 60)
    assert find_moments(pair, 35 / 30) == []
    reference = AlignedSequence("expert", make_poses(np.arange(60.0), 60))
    other = AlignedSequence("novice", make_poses(np.array(positions), 60))
    result = AlignmentResult(reference, [other, other], [pair, make_pair(np.arange(60.0), 60)])
    first, second = find_in_all(result, 35 / 30)
    assert first is None and second is not None and second.frame == 35


@pytest.mark.parametrize("seconds", [-0.1, 2.0, math.nan])
def test_a_time_the_reference_has_not(seconds: float) -> None:
    with pytest.raises(InputError, match="expert has times from 0 to 1.97 s"):
        find_moments(make_pair(np.arange(60.0), 60), seconds)
