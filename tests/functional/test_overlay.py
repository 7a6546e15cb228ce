"""Laying one performance over another."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mmalign.functional.overlay import fit_placement


@given(
    st.integers(0, 1000),
    st.floats(0.05, 20),
    st.floats(-500, 500),
    st.floats(-500, 500),
    st.booleans(),
)
def test_a_placement_is_recovered(seed, scale, dx, dy, mirrored):
    rng = np.random.default_rng(seed)
    points = rng.uniform(0, 100, (5, 7, 2))
    scores = (rng.random((5, 7)) > 0.3).astype(float)
    scores[0, :2] = 1
    goals = scale * points * [-1 if mirrored else 1, 1] + [dx, dy]
    # Absent joints' coordinates mean nothing.
    points[scores == 0] = 1e6
    found = fit_placement((points, scores), (goals, np.ones((5, 7))), mirrored)
    assert found is not None
    seen = scores > 0
    np.testing.assert_allclose(found(points[seen]), goals[seen], atol=1e-6)
    ones = np.concatenate([points[seen], np.ones((seen.sum(), 1))], axis=1)
    np.testing.assert_allclose(ones @ found.matrix.T, goals[seen], atol=1e-6)


def test_nothing_in_common_gives_no_placement():
    points, ones = np.zeros((1, 3, 2)), np.ones((1, 3))
    assert fit_placement((points, np.array([[1, 0, 0]])), (points, ones)) is None
    assert fit_placement((points, ones), (points + 1, ones)) is None
