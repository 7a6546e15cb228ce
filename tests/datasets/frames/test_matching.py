"""Which frame belongs to which pose: known cases, and the slow search as a reference."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmalign.datasets.frames import matching_frames
from mmalign.errors import InputError


def clock(count, fps):
    return np.arange(count) / fps


def test_as_many_frames_as_poses_are_one_each_whatever_the_rates():
    found = matching_frames(np.array([0, 1.4, 1.6, 57]), (58, 20.0), clock(58, 29.97))
    assert found.tolist() == [0, 1, 2, 57]


def test_a_video_of_twice_the_rate_gives_every_second_frame():
    found = matching_frames(np.arange(30.0), (30, 30.0), clock(60, 60))
    assert found.tolist() == list(range(0, 60, 2))


def test_a_folder_has_no_clock_and_may_hold_more_frames():
    found = matching_frames(np.arange(5.0), (5, 30.0), np.full(9, np.nan))
    assert found.tolist() == [0, 1, 2, 3, 4]


def test_poses_may_begin_later_than_the_video():
    times = clock(100, 50)
    assert matching_frames(np.arange(3.0), (3, 50.0), times, start=40).tolist() == [40, 41, 42]
    assert matching_frames(np.arange(3.0), (3, 25.0), times, start=40).tolist() == [40, 42, 44]
    same = matching_frames(np.arange(60.0), (60, 25.0), times, start=40)
    assert same.tolist() == list(range(40, 100))


def test_index_holds_against_nominal_rates():
    times = clock(98, 25)
    with pytest.raises(InputError, match="98 frames in 3.88 s, expected the 4.75 s of 96 poses"):
        matching_frames(np.arange(96.0), (96, 20.0), times)
    found = matching_frames(np.arange(96.0), (96, 20.0), times, how="index")
    assert found.tolist() == list(range(96))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000))
def test_time_is_the_nearest_of_all(seed):
    rng = np.random.default_rng(seed)
    times = np.cumsum(rng.uniform(0.01, 0.08, int(rng.integers(40, 120))))
    times -= times[0]
    fps = float(rng.uniform(10, 60))
    poses = int(times[-1] * fps) + 1
    positions = np.sort(rng.uniform(0, poses - 1, 20))
    found = matching_frames(positions, (poses, fps), times, how="time")
    assert (np.diff(found) >= 0).all()
    for position, frame in zip(positions, found, strict=True):
        distances = np.abs(times - position / fps)
        assert distances[frame] <= distances.min() + 1e-12


@pytest.mark.parametrize(
    ("times", "message"),
    [
        (np.full(7, np.nan), "7 frames .*, expected one for each of the 8 poses"),
        (clock(60, 60), "60 frames in 0.98 s, expected the 1.40 s of 8 poses at 5 per second"),
        (clock(1, 30), "1 frames in 0.00 s"),
    ],
    ids=["folder", "video", "single frame"],
)
def test_a_video_shorter_than_the_poses_is_an_error(times, message):
    with pytest.raises(InputError, match=f"clip 7: {message}"):
        matching_frames(np.arange(8.0), (8, 5.0), times, where="clip 7")


def test_a_frame_lost_at_the_end_is_forgiven():
    found = matching_frames(np.arange(30.0), (30, 30.0), clock(29, 30))
    assert found.tolist() == [*range(29), 28]


def test_a_start_behind_the_end_is_an_error():
    with pytest.raises(InputError, match="expected more than video_start 50"):
        matching_frames(np.arange(5.0), (5, 30.0), clock(40, 30), start=50)
