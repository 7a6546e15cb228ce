"""Positions between frames."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mmalign.functional.alignment import align_frames, frame_distances
from mmalign.functional.sub_frame import sub_frame


def curve(positions: np.ndarray) -> np.ndarray:
    """Points of a smooth curve that never comes back to where it was, by place 0..90."""
    frequency = np.linspace(0.3, 2.0, 12) / 30
    return np.sin(np.asarray(positions, float)[:, None] * frequency + np.arange(12) * 2.4)


REFERENCE = curve(np.arange(91))


@given(shift=st.floats(5, 30))
@settings(max_examples=20, deadline=None)
def test_a_shift_by_less_than_a_frame_is_found(shift: float) -> None:
    # Half-way between two frames neither is the nearest, and rounding takes now one, now the other.
    assume(abs(shift % 1 - 0.5) > 0.02)
    truth = np.arange(shift, 89)
    distances = frame_distances(REFERENCE, curve(truth))
    found = sub_frame(np.rint(truth), distances, 3.0)
    assert found == pytest.approx(truth, abs=0.1)


def test_alignments_use_it() -> None:
    truth = np.arange(20.4, 90)
    found = align_frames(REFERENCE, curve(truth), 30.0)
    # Whole frames would be 0.4 away.
    assert abs(np.median((found.positions - truth)[found.matched])) < 0.2


@given(seed=st.integers(0, 2**31))
@settings(max_examples=30, deadline=None)
def test_positions_never_fall_and_stay_near(seed: int) -> None:
    rng = np.random.default_rng(seed)
    before = np.sort(rng.uniform(0, 9, 40))
    found = sub_frame(before, rng.uniform(0, 1, (10, 40)).astype(np.float32), 2.0)
    assert (np.diff(found) >= 0).all() and found.min() >= 0 and found.max() <= 9
    assert (found >= before - 1).all()


def test_where_nothing_moves_positions_stay() -> None:
    before = np.linspace(0, 9, 30)
    assert sub_frame(before, np.ones((10, 30), np.float32), 2.0) == pytest.approx(before)
