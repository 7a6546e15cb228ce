"""The order in which an aligned pair is shown."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from mmalign.structures.alignment import AlignedPair
from mmalign.visualization.timeline import (
    MATCHED,
    OTHER_ONLY,
    REFERENCE_ONLY,
    UNRELATED,
    full_timeline,
    reference_timeline,
)


def make_pair(positions, num_reference, fps=(30.0, 30.0), repetitions=None):
    positions = np.asarray(positions, dtype=np.float64)
    matched = np.flatnonzero(np.isfinite(positions))
    if repetitions is None:
        repetitions = [(int(matched[0]), int(matched[-1]) + 1)] if len(matched) else []
    best = np.arange(*repetitions[0]) if repetitions else matched[:0]
    best = best[np.isfinite(positions[best])]
    path = np.stack([positions[best].round(), best], axis=1).astype(np.int64).reshape(-1, 2)
    return AlignedPair(
        reference="a",
        other="b",
        reference_fps=fps[0],
        other_fps=fps[1],
        reference_frames=num_reference,
        other_frames=len(positions),
        positions=positions,
        confidence=np.isfinite(positions) * 0.9,
        path=path,
        repetitions=repetitions,
    )


def kinds(timeline):
    """The kinds in order, each run once, with its number of ticks."""
    cuts = np.flatnonzero(np.diff(timeline.kind)) + 1
    return [(int(run[0]), len(run)) for run in np.split(timeline.kind, cuts)]


def test_a_slower_performance_is_played_at_the_references_tempo():
    pair = make_pair(np.arange(99) / 2, 50)
    for timeline in (full_timeline(pair), reference_timeline(pair)):
        assert (timeline.kind == MATCHED).all()
        np.testing.assert_allclose(timeline.reference, np.arange(50))
        np.testing.assert_allclose(timeline.other, 2 * np.arange(50))


def test_parts_without_counterpart_are_played_alone():
    nothing = np.full(30, np.nan)
    # 30 idle frames, 0..39, 30 extra frames, 40..59 and 80..99 (20 frames skipped), 30 idle ones.
    moves = [np.arange(40.0), nothing, np.arange(40.0, 60.0), np.arange(80.0, 100.0)]
    pair = make_pair(np.concatenate([nothing, *moves, nothing]), 100)
    timeline = full_timeline(pair)
    assert kinds(timeline) == [
        (OTHER_ONLY, 30),
        (MATCHED, 40),
        (OTHER_ONLY, 30),
        (MATCHED, 20),
        (REFERENCE_ONLY, 20),
        (MATCHED, 20),
        (OTHER_ONLY, 30),
    ]
    np.testing.assert_array_equal(np.unique(timeline.other.round()), np.arange(170))
    shown = timeline.reference[timeline.kind != OTHER_ONLY]
    np.testing.assert_array_equal(shown, np.arange(100))
    assert np.all(np.diff(timeline.reference) >= 0)


def test_the_part_of_the_reference_that_the_other_lacks_is_held():
    pair = make_pair(np.arange(20.0, 60.0), 100)
    timeline = reference_timeline(pair)
    assert kinds(timeline) == [(REFERENCE_ONLY, 20), (MATCHED, 40), (REFERENCE_ONLY, 40)]
    assert set(timeline.other[:20]) == {0.0} and set(timeline.other[60:]) == {39.0}
    assert kinds(full_timeline(pair)) == kinds(timeline)


def test_every_repetition_is_played_against_the_reference():
    once = np.arange(50.0)
    positions = np.concatenate([once, np.full(900, np.nan), once, once])
    pair = make_pair(positions, 50, repetitions=[(0, 50), (950, 1000), (1000, 1050)])
    timeline = full_timeline(pair)
    # Of the 30 s between them 4 s are shown at the start and 4 s at the end.
    assert kinds(timeline) == [(MATCHED, 50), (OTHER_ONLY, 240), (MATCHED, 100)]
    for number, start in enumerate((0, 950, 1000)):
        at = timeline.repetition == number
        np.testing.assert_allclose(timeline.reference[at], once)
        np.testing.assert_allclose(timeline.other[at], start + once)


def test_nothing_matched_plays_both_from_the_start():
    pair = make_pair(np.full(40, np.nan), 30, fps=(30.0, 60.0))
    for timeline in (full_timeline(pair), reference_timeline(pair)):
        assert (timeline.kind == UNRELATED).all()
        np.testing.assert_allclose(timeline.other, np.minimum(2 * np.arange(30), 39))


@st.composite
def pairs(draw):
    num_reference = draw(st.integers(1, 40))
    place = st.one_of(st.just(np.nan), st.floats(0, num_reference - 1, width=32))
    lengths = draw(st.lists(st.integers(1, 20), min_size=1, max_size=3))
    parts, repetitions, end = [], [], 0
    for length in lengths:
        part = np.array(draw(st.lists(place, min_size=length, max_size=length)))
        known = np.isfinite(part)
        part[known] = np.sort(part[known])
        if known.any():
            repetitions.append((end, end + length))
        parts.append(part)
        end += length
    fps = draw(st.tuples(*[st.sampled_from([5.0, 24.0, 30.0, 60.0])] * 2))
    return make_pair(np.concatenate(parts), num_reference, fps, repetitions)


@settings(deadline=None, max_examples=60)
@given(pairs())
def test_order_and_places_hold_for_any_alignment(pair):
    timeline = full_timeline(pair)
    assert len(timeline) == len(timeline.other) == len(timeline.kind) == len(timeline.repetition)
    assert timeline.reference.min() >= 0 and timeline.reference.max() <= pair.reference_frames - 1
    assert timeline.other.min() >= 0 and timeline.other.max() <= pair.other_frames - 1
    if not pair.repetitions:
        return
    matched = timeline.kind == MATCHED
    # Where both sides are shown, the other stands where the alignment puts it, within a frame.
    for number, (start, end) in enumerate(pair.repetitions):
        at = matched & (timeline.repetition == number)
        frames = start + np.flatnonzero(pair.matched[start:end])
        for tick, other in zip(timeline.reference[at], timeline.other[at], strict=True):
            low, high = pair.positions[frames[[0, -1]]]
            before = pair.positions[frames[frames <= np.floor(other)]]
            after = pair.positions[frames[frames >= np.ceil(other)]]
            assert (before[-1] if len(before) else low) <= tick + 0.5
            assert (after[0] if len(after) else high) >= tick - 0.5
    alone = timeline.kind != OTHER_ONLY
    counts = np.bincount(timeline.reference[alone].astype(int), minlength=pair.reference_frames)
    assert (counts == len(pair.repetitions)).all()
