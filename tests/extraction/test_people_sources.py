"""Poses of other tools on the pictures of their video."""

import logging

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmalign.errors import InputError
from mmalign.extraction.people_sources import place_on_pictures
from mmalign.formats.recordings import Recording
from mmalign.poses.people import People


def recording(listed, start, count=None, base=None):
    """People in the frames of these numbers; their row is their number."""
    numbers = np.array(sorted(listed), dtype=np.int64)
    begin = numbers[0] if start is None else start
    count = count or int(numbers[-1] - begin) + 1
    poses = np.ones((len(numbers), 3, 3))
    poses[:, 0, 0] = numbers
    people = People(poses, numbers - begin, count, np.zeros(len(numbers), np.int64))
    return Recording(people, start=start, base=base)


def place(found, pictures):
    people = place_on_pictures(found, pictures, "v.mp4", "poses")
    assert people.num_frames == pictures
    return dict(zip(people.frames.tolist(), people.poses[:, 0, 0].tolist(), strict=True))


@given(listed=st.sets(st.integers(0, 49), min_size=1), one=st.booleans())
def test_numbers_decide_and_the_count_tells_from_where_they_count(listed, one):
    numbers = {n + one for n in listed}
    # Numbers that begin with 1, or end with that of pictures, are counted from 1.
    from_one = min(numbers) == 1 or (max(numbers) == 50)
    expected = {n - from_one: n for n in numbers}
    assert place(recording(numbers, min(min(numbers), from_one)), 50) == expected
    assert place(recording(numbers, 1 if one else 0, base=int(one)), 50) == {
        n - one: n for n in numbers
    }


def test_as_many_frames_as_pictures_are_the_pictures():
    assert place(recording(range(100, 150), 100), 50) == {i: 100 + i for i in range(50)}
    assert place(recording(range(50), None), 50) == {i: i for i in range(50)}


def test_one_frame_too_many_is_left_out_with_a_line(caplog):
    with caplog.at_level(logging.WARNING, "mmalign"):
        assert len(place(recording(range(51), 0), 50)) == 50
        assert len(place(recording(range(51), None), 50)) == 50
        assert len(place(recording(range(49), None), 50)) == 49
    assert [r.getMessage().split(": ", 2)[2] for r in caplog.records] == [
        "the last one was not used",
        "the last one was not used",
        "the last picture has none",
    ]


@pytest.mark.parametrize(
    "found",
    [recording(range(40), None), recording(range(52), None), recording(range(60), 0),
     recording(range(5, 53), 0)],
)  # fmt: skip
def test_what_cannot_be_placed_is_refused(found):
    with pytest.raises(InputError, match="50 pictures, but .* frames.*which picture"):
        place(found, 50)
