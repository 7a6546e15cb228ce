"""The one decoder: what is lost, what stands in its place, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_videos import overwrite, spoil, write_coded
from marked_videos import marked_picture, read_mark

from mmalign.errors import InputError
from mmalign.video import MOST_LOST, VideoReader, check_video, decode, held, read_video_facts
from mmalign.video.loop import good_frames

NUM = 60


def marked(path: Path, codec: str = "libx264", num: int = NUM, gop: int = 1) -> Path:
    write_coded(path, (marked_picture(i) for i in range(num)), codec, gop=gop)
    return path


def marks(path: Path, threads: int = 0) -> list[int | None]:
    facts = read_video_facts(path)
    pictures = decode(facts, np.arange(len(facts.times)), threads)
    return [None if picture is None else read_mark(picture) for picture in pictures]


def without(lost: set[int], num: int = NUM) -> list[int | None]:
    return [None if i in lost else i for i in range(num)]


@given(st.lists(st.one_of(st.none(), st.integers()), max_size=12))
def test_the_last_good_one_is_held_and_before_the_first_that_one(
    pictures: list[int | None],
) -> None:
    found = list(held(pictures))
    good = [i for i, picture in enumerate(pictures) if picture is not None]
    if not good:
        assert found == []
        return
    nearest = [max((g for g in good if g <= i), default=good[0]) for i in range(len(pictures))]
    assert found == [pictures[i] for i in nearest]


LOST = [{0}, {17}, {0, 1, 30, 31, 59}, set(range(54, 60))]


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
@pytest.mark.parametrize("lost", LOST, ids=["first", "one", "here and there", "end"])
def test_what_is_damaged_is_lost_and_nothing_else(
    tmp_path: Path, name: str, lost: set[int]
) -> None:
    path = marked(tmp_path / name)
    spoil(path, lost)
    # With threads that work on several pictures at once, those after the last damage are at risk.
    for threads in (0, 1, 8):
        assert marks(path, threads) == without(lost)
    with VideoReader(path) as reader:
        expected = list(held(without(lost)))
        order = np.random.default_rng(0).permutation(NUM).tolist()
        assert [read_mark(reader.picture(i)) for i in order] == [expected[i] for i in order]
        assert [read_mark(reader.picture(i)) for i in range(NUM)] == expected


def test_more_than_a_tenth_lost_is_refused_at_once(tmp_path: Path) -> None:
    path = marked(tmp_path / "a.mp4")
    spoil(path, range(20, 20 + int(NUM * MOST_LOST)))
    assert check_video(path).fps == 30
    spoil(path, range(40, 41))
    said = r"a\.mp4: more than 10% of its 60 pictures cannot be decoded; .*copy it again"
    with pytest.raises(InputError, match=said):
        check_video(path)
    facts = read_video_facts(path)
    seen = []
    with pytest.raises(InputError, match=said):
        for picture in decode(facts, np.arange(NUM)):
            seen.append(picture)
    assert len(seen) <= 40
    # Whoever takes few pictures is told before the last of them.
    with pytest.raises(InputError, match=said):
        list(decode(facts, np.array([3])))


def test_a_file_that_was_mended_is_looked_at_again(tmp_path: Path) -> None:
    path = marked(tmp_path / "a.mp4")
    whole = path.read_bytes()
    check_video(path)
    spoil(path, range(10))
    with pytest.raises(InputError, match="more than 10%"):
        check_video(path)
    path.write_bytes(whole)
    check_video(path)


@pytest.mark.parametrize(
    ("name", "codec", "gop"),
    [
        ("a.mp4", "libx264", 12),
        ("a.mp4", "libx265", 12),
        ("a.mkv", "libx264", 12),
        ("a.ts", "libx264", 12),
        ("a.webm", "libvpx-vp9", 12),
        ("a.avi", "mpeg4", 12),
        ("b.avi", "libx264", 12),
        ("a.mpg", "mpeg1video", 12),
    ],
)
def test_threads_change_nothing_that_is_lost(
    tmp_path: Path, name: str, codec: str, gop: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mmalign.video.loop.MOST_LOST", 1.0)
    path = marked(tmp_path / name, codec, gop=gop)
    whole = path.read_bytes()
    for begin in (0.4, 0.7, 0.9):
        path.write_bytes(whole)
        overwrite(path, begin, begin + 40 / len(whole))
        try:
            facts = read_video_facts(path)
        except InputError:
            continue  # The index was hit.
        numbers = [[n for n, _ in good_frames(facts, threads)] for threads in (0, 1, 8)]
        for some in (numbers[0], numbers[2]):
            # A thread may hand out one picture before another has found that it is damaged.
            assert len({*some} ^ {*numbers[1]}) <= 1
        assert numbers[0]


def test_pictures_after_a_lost_one_keep_their_numbers_in_files_without_time_stamps(
    tmp_path: Path,
) -> None:
    for name, codec, gop, damaged in (("a.avi", "mpeg4", 1, 20), ("b.avi", "libx264", 6, 18)):
        path = marked(tmp_path / name, codec, gop=gop)
        spoil(path, [damaged])
        found = marks(path)
        assert len(found) == NUM and 1 <= found.count(None) <= MOST_LOST * NUM
        # Within a group of pictures with B-frames nobody can say which one it was.
        assert found[:16] == list(range(16)) and found[32:] == list(range(32, NUM))
