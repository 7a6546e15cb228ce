"""Times of tables: the rate, the frames that are missing, and times that are of no use."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmalign.formats.table_clock import read_clock
from tests.fixtures.keypoint_tables import SPELLINGS, T, motion, read, wide, write


@given(
    rate=st.sampled_from([10.0, 23.976, 25.0, 29.97, 30.0, 60.0, 120.0, 240.0]),
    unit=st.sampled_from([("time", 1.0), ("timestamp", 1e3), ("time_ms", 1e3), ("t", 1e6)]),
    start=st.sampled_from([0.0, 12.5, 1.7e9]),
    missing=st.sets(st.integers(1, 38), max_size=10),
)
def test_rate_and_missing_frames(rate, unit, start, missing):
    name, factor = unit
    frames = np.array([i for i in range(40) if i not in missing])
    times = (start + frames / rate) * factor
    numbers, found = read_clock(times, name, None)
    np.testing.assert_array_equal(numbers - numbers[0], frames)
    assert start or not numbers[0]
    assert found == pytest.approx(rate, rel=1e-4)


@pytest.mark.parametrize("rate", [24, 25, 30, 50, 60, 100])
def test_times_rounded_to_milliseconds_give_the_whole_rate(rate):
    frames = np.arange(200)
    numbers, found = read_clock((frames / rate).round(3), "time", None)
    np.testing.assert_array_equal(numbers, frames)
    assert found == rate


def test_frame_numbers_are_kept_and_equal_times_are_one_frame():
    times = np.array([0, 0, 0.2, 0.1, 0.1])
    assert read_clock(times, "time", None)[0].tolist() == [0, 0, 2, 1, 1]
    numbers, rate = read_clock(times, "time", np.array([8, 8, 12, 10, 10]))
    assert numbers.tolist() == [8, 8, 12, 10, 10] and rate == 20


def test_slow_seconds_need_a_name():
    times = np.array([0.0, 5.0, 10.0])
    assert read_clock(times, "time_s", None)[1] == 0.2
    assert read_clock(times, "time", None)[1] == 200


@pytest.mark.parametrize(
    "times", [[1, 1, 1], [0, np.nan, 1], [0, np.inf, 1], [-1e308, 0, 1e308], [0, 1e-300, 2e-300]]
)
def test_times_of_no_use(times):
    assert read_clock(np.array(times, dtype=float), "time", None) is None


def test_frames_that_go_backward_in_time_have_no_rate():
    assert read_clock(np.array([0.0, 0.1, 0.2]), "time", np.array([3, 2, 1])) is None


def test_a_table_with_times(tmp_path):
    poses = motion("coco17")
    path = write(tmp_path, wide(poses, SPELLINGS["name_x"], {"time": np.arange(T) / 60}))
    sequence, report, _ = read("csv", path)
    assert sequence.fps == 60 and not report.notes
    sequence, report, _ = read("csv", path, fps=30)
    assert sequence.fps == 60 and report.notes == ["--fps 30 was not used: clip states 60"]
    path = write(
        tmp_path, wide(poses, SPELLINGS["name_x"], {"time": [f"0:0{t}" for t in range(T)]})
    )
    sequence, report, _ = read("csv", path, fps=25)
    assert sequence.fps == 25 and "the column 'time' was not used" in report.notes[0]
