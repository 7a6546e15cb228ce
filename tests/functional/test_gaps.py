import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mmalign.functional.gaps import fill_gaps


@st.composite
def tracks(draw):
    """Points with gaps; the coordinates of absent joints are 0, as in a valid sequence."""
    shape = draw(st.tuples(st.integers(1, 14), st.integers(1, 3)))
    scores = draw(hnp.arrays(np.float32, shape, elements=st.sampled_from([0, 0, 0.25, 0.5, 1])))
    points = draw(hnp.arrays(np.float32, (*shape, 2), elements=st.integers(-99, 99)))
    return np.where(scores[..., None] > 0, points, 0), scores


def fill_slowly(points, scores, max_gap):
    points, scores = points.copy(), scores.copy()
    for joint in range(scores.shape[1]):
        frames = [t for t in range(len(scores)) if scores[t, joint] > 0]
        for a, b in zip(frames, frames[1:], strict=False):
            if 1 < b - a <= max_gap + 1:
                for t in range(a + 1, b):
                    share = (t - a) / (b - a)
                    points[t, joint] = points[a, joint] * (1 - share) + points[b, joint] * share
                    scores[t, joint] = min(scores[a, joint], scores[b, joint])
    return points, scores


@settings(max_examples=150, deadline=None)
@given(tracks(), st.integers(0, 6))
def test_it_does_what_a_loop_over_the_gaps_does(track, max_gap):
    before = [array.copy() for array in track]
    points, scores = fill_gaps(*track, max_gap)
    expected_points, expected_scores = fill_slowly(*track, max_gap)
    np.testing.assert_allclose(points, expected_points, atol=1e-4)
    np.testing.assert_array_equal(scores, expected_scores)
    assert points.dtype == scores.dtype == np.float32
    for array, kept in zip(track, before, strict=True):
        np.testing.assert_array_equal(array, kept)


@settings(max_examples=50, deadline=None)
@given(tracks(), st.integers(0, 6))
def test_time_backwards_gives_the_same_backwards_and_filling_twice_nothing_new(track, max_gap):
    points, scores = fill_gaps(*track, max_gap)
    backwards = fill_gaps(track[0][::-1], track[1][::-1], max_gap)
    np.testing.assert_allclose(backwards[0][::-1], points, atol=1e-4)
    np.testing.assert_array_equal(backwards[1][::-1], scores)
    again = fill_gaps(points, scores, max_gap)
    np.testing.assert_array_equal(again[0], points)
    np.testing.assert_array_equal(again[1], scores)


@pytest.mark.parametrize(("length", "filled"), [(3, True), (4, False)])
def test_a_steady_motion_is_restored_over_short_gaps_only(length, filled):
    t = np.arange(12.0)
    motion = np.stack([3 * t + 1, 50 - 2 * t], axis=-1)[:, None]
    scores = np.full((12, 1), 0.9)
    scores[5] = 0.4
    scores[6 : 6 + length] = 0
    scores[-1] = 0
    points, new = fill_gaps(np.where(scores[..., None] > 0, motion, 0), scores, 3)
    assert (new[6 : 6 + length] == (0.4 if filled else 0)).all() and new[-1] == 0
    np.testing.assert_allclose(points[new > 0], motion[new > 0])
