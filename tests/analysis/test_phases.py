"""Phase transfer against a plain loop and known answers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from aligned import make_pair
from hypothesis import given, settings
from hypothesis import strategies as st

from mmalign.analysis.phases import (
    NO_PHASE,
    labels_of,
    phase_intervals,
    progress_curve,
    transfer_labels,
    transfer_phases,
)
from mmalign.errors import InputError

NAN = math.nan


def test_every_frame_takes_the_label_of_the_nearest_reference_frame() -> None:
    labels = np.repeat([0, 1, 2], 10)
    positions = [NAN, 0.0, 4.2, 9.4, 9.6, 15.0, 29.0]
    assert transfer_labels(make_pair(positions, 30), labels).tolist() == [-1, 0, 0, 0, 1, 1, 2]


@given(st.integers(2, 40), st.integers(2, 60), st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_transfer_equals_a_loop_where_frames_match(n: int, m: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    positions = np.sort(rng.uniform(0, n - 1, m))
    positions[rng.random(m) < 0.2] = NAN
    labels = np.sort(rng.integers(0, 4, n))
    pair = make_pair(positions, n)
    found = transfer_labels(pair, labels)
    for frame, place in enumerate(positions):
        if not math.isnan(place):
            assert found[frame] == labels[min(range(n), key=lambda k: abs(k - place))]
    # What lies outside of the first and last match is never labelled.
    matched = np.flatnonzero(pair.matched)
    if len(matched):
        assert (found[: matched[0]] == NO_PHASE).all()
        assert (found[matched[-1] + 1 :] == NO_PHASE).all()
    # Intervals hold exactly the labelled frames, in order.
    intervals = transfer_phases(pair, labels)
    np.testing.assert_array_equal(labels_of(intervals, m, 30.0), found)
    assert all(a.end <= b.start for a, b in zip(intervals[:-1], intervals[1:], strict=True))


def test_short_holes_within_one_phase_are_bridged_and_long_ones_are_not() -> None:
    positions = np.arange(40.0)
    positions[10:13] = NAN  # 0.1 s
    positions[20:30] = NAN  # 0.33 s
    found = transfer_labels(make_pair(positions, 40), np.zeros(40, int))
    assert (found[10:13] == 0).all() and (found[20:30] == NO_PHASE).all()


def test_a_hole_between_two_phases_or_two_repetitions_stays() -> None:
    positions = np.arange(20.0)
    positions[9:11] = NAN
    assert transfer_labels(make_pair(positions, 20), np.repeat([0, 1], 10))[9:11].tolist() == [
        NO_PHASE,
        NO_PHASE,
    ]
    twice = make_pair([*range(9), NAN, NAN, *range(9)], 9, [(0, 9), (11, 20)])
    found = transfer_phases(twice, np.zeros(9, int), ["swing"])
    assert [(i.name, i.repetition) for i in found] == [("swing", 0), ("swing", 1)]


def test_intervals_are_in_seconds_of_the_other() -> None:
    pair = make_pair(np.arange(60) / 2, 30, other_fps=60.0)
    first, second = transfer_phases(pair, np.repeat([0, 1], 15), ["up", "down"])
    assert (first.name, second.name) == ("up", "down")
    assert first.start == 0 and second.end == 1.0
    assert first.end == second.start == pytest.approx(0.5, abs=1 / 60)


def test_a_phase_without_a_name_has_its_number_and_a_negative_label_no_interval() -> None:
    intervals = phase_intervals(np.array([-1, 2, 2, 0, -1]), 1.0, ["up"])
    assert [(i.name, i.start, i.end) for i in intervals] == [("phase 2", 1, 3), ("up", 3, 4)]


def test_progress_runs_from_zero_to_one() -> None:
    curve = progress_curve(make_pair([0.0, 4.5, NAN, 9.0], 10))
    np.testing.assert_allclose(curve, [0, 0.5, NAN, 1])
    assert progress_curve(make_pair([0.0, 0.0], 1)).tolist() == [0, 0]


def test_labels_must_be_one_integer_per_reference_frame() -> None:
    pair = make_pair([0.0, 1.0], 2)
    for labels in ([0], [0.0, 1.0], [[0, 1]]):
        with pytest.raises(InputError, match="one per frame of the reference"):
            transfer_labels(pair, labels)
