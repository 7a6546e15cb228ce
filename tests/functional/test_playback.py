"""Speeds of videos, constant in pieces."""

from __future__ import annotations

import json

import numpy as np
import pytest

from mmalign.functional.playback import REAL_TIME, PlaybackSpeed

RAMP = PlaybackSpeed((0.0, 1.0, 5.0), (1.0, 0.25, 2.0))


def test_real_time_changes_nothing() -> None:
    times = np.array([-0.3, 0.0, 0.1, 7.7])
    assert REAL_TIME.is_real_time and not RAMP.is_real_time
    assert (REAL_TIME.real_seconds(times) == times).all()
    assert (REAL_TIME.file_seconds(times) == times).all()


def test_a_ramp_by_hand() -> None:
    # One second in real time, four that show one, and from there on twice as fast.
    assert RAMP.real_seconds([0, 0.5, 1, 3, 5, 6]) == pytest.approx([0, 0.5, 1, 1.5, 2, 4])
    assert RAMP.at([0, 0.99, 1, 4.9, 5, 60]).tolist() == [1, 1, 0.25, 0.25, 2, 2]


def test_real_time_is_the_integral_of_the_speed() -> None:
    grid = np.linspace(0, 9, 9001)
    middle = (grid[1:] + grid[:-1]) / 2
    passed = np.append(0, np.cumsum(RAMP.at(middle) * np.diff(grid)))
    np.testing.assert_allclose(RAMP.real_seconds(grid), passed, atol=2e-3)


def test_file_time_is_the_inverse() -> None:
    times = np.linspace(-1, 12, 131)
    assert RAMP.file_seconds(RAMP.real_seconds(times)) == pytest.approx(times)


def test_round_trip_through_json() -> None:
    assert PlaybackSpeed.from_list(json.loads(json.dumps(RAMP.to_list()))) == RAMP


@pytest.mark.parametrize(
    ("starts", "speeds"),
    [((), ()), ((0.5,), (1.0,)), ((0.0, 0.0), (1.0, 2.0)), ((0.0,), (0.0,)), ((0.0,), (np.nan,))],
)
def test_pieces_that_are_none(starts: tuple, speeds: tuple) -> None:
    with pytest.raises(ValueError, match="rising starts"):
        PlaybackSpeed(starts, speeds)


def test_words() -> None:
    assert REAL_TIME.describe(9) == ""
    assert PlaybackSpeed((0.0,), (1 / 7,)).describe(9) == "runs about 7x slower"
    assert PlaybackSpeed((0.0, 4.0), (0.5, 0.4)).describe(8) == "runs about 2.2x slower"
    assert PlaybackSpeed((0.0,), (2.0,)).describe(9) == "runs about 2.0x faster"
    ramp = PlaybackSpeed((0.0, 1.2), (1.0, 0.125))
    assert ramp.describe(9) == "runs about in real time from 0.0 s, 8x slower from 1.2 s"
