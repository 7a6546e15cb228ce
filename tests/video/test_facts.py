"""Times, rates and sizes of videos of all kinds; what is decoded are the wanted pictures."""

from __future__ import annotations

import struct
from pathlib import Path

import av
import numpy as np
import pytest
from av.stream import Disposition
from blob_backend import blocks, walking
from hypothesis import given, settings
from hypothesis import strategies as st
from made_videos import hide_beginning, overwrite, write_broken, write_coded
from marked_videos import marked_picture, read_mark

from mmalign.errors import InputError
from mmalign.video.ahead import decoded_ahead
from mmalign.video.decoding import decode
from mmalign.video.facts import VideoFacts, read_video_facts
from mmalign.video.reader import VideoReader

KINDS = {
    "a.mp4": "libx264",
    "a.mov": "libx264",
    "a.mkv": "libx264",
    "a.ts": "libx264",
    # With B-frames, an AVI's made-up time stamps are in the wrong order.
    "b.avi": "libx264",
    "a.avi": "mpeg4",
    "a.webm": "libvpx-vp9",
    "a.mpg": "mpeg1video",
}
NUM_FRAMES = 30


def marks(facts: VideoFacts, wanted: np.ndarray) -> list[int | None]:
    return [None if frame is None else read_mark(frame) for frame in decode(facts, wanted)]


@pytest.mark.parametrize("name", KINDS)
def test_every_picture_once_whatever_the_container(tmp_path: Path, name: str) -> None:
    pictures = [marked_picture(i) for i in range(NUM_FRAMES)]
    write_coded(tmp_path / name, pictures, KINDS[name], fps=25)
    facts = read_video_facts(tmp_path / name)
    assert (facts.fps, facts.constant) == (25, True)
    assert facts.frame_size == pictures[0].shape[:2]
    assert facts.times == pytest.approx(np.arange(NUM_FRAMES) / 25, abs=2e-3)
    assert marks(facts, facts.frames_at(None)) == list(range(NUM_FRAMES))
    assert marks(facts, facts.frames_at(10)) == [0, 2, 5, 7, 10, 12, 15, 17, 20, 22, 25, 27]
    assert marks(facts, facts.frames_at(50)) == sorted([*range(NUM_FRAMES), *range(NUM_FRAMES - 1)])


def test_variable_rate_becomes_constant(tmp_path: Path) -> None:
    steps = np.random.default_rng(0).integers(20, 60, 39)
    times = np.concatenate([[0], np.cumsum(steps)])
    for name in ("a.mp4", "a.mkv"):
        path = tmp_path / name
        write_coded(path, (marked_picture(i) for i in range(40)), times=times.tolist())
        facts = read_video_facts(path)
        assert not facts.constant
        assert facts.times == pytest.approx(times / 1000, abs=1e-3)
        for fps in (None, 20.0):
            ticks = np.arange(len(facts.frames_at(fps))) / (fps or facts.fps)
            nearest = np.abs(facts.times - ticks[:, None]).argmin(axis=1)
            assert marks(facts, facts.frames_at(fps)) == nearest.tolist()
            assert ticks[-1] <= facts.times[-1] < ticks[-1] + 1 / (fps or facts.fps) + 1e-6


def test_a_pause_of_the_camera_does_not_slow_the_rest(tmp_path: Path) -> None:
    # 30 per second, but nothing for a second in the middle.
    times = [round(i * 1000 / 30) + (1000 if i >= 20 else 0) for i in range(40)]
    write_coded(tmp_path / "a.mp4", (marked_picture(i) for i in range(40)), times=times)
    facts = read_video_facts(tmp_path / "a.mp4")
    assert facts.fps == pytest.approx(30, abs=0.3)
    found = marks(facts, facts.frames_at(30))
    assert len(found) == 70
    assert found[:20] == list(range(20)) and found[-20:] == list(range(20, 40))
    assert set(found[20:-20]) == {19, 20}


@settings(deadline=None)
@given(
    steps=st.lists(st.integers(1, 90), min_size=1, max_size=60),
    fps=st.one_of(st.none(), st.floats(1, 120)),
)
def test_ticks_take_the_nearest_picture(steps: list[int], fps: float | None) -> None:
    times = np.concatenate([[0], np.cumsum(steps)]) / 1000
    facts = VideoFacts("x", (1, 1), times, np.arange(len(times)), True, 30.0, False)
    wanted = facts.frames_at(fps)
    ticks = np.arange(len(wanted)) / (fps or 30)
    gaps = np.abs(times[wanted] - ticks)
    assert (gaps <= np.abs(times[None] - ticks[:, None]).min(axis=1) + 1e-6).all()
    assert (np.diff(wanted) >= 0).all()


def test_damage_in_the_middle_costs_the_pictures_there(tmp_path: Path) -> None:
    path = tmp_path / "a.ts"
    write_coded(path, (marked_picture(i) for i in range(90)), gop=6)
    overwrite(path, 0.5, 0.53)
    facts = read_video_facts(path)
    found = marks(facts, np.arange(len(facts.times)))
    assert None in found
    assert sum(mark is not None for mark in found) >= 60
    # No picture of another moment, and none that the decoder made up, in a lost one's place.
    truth = np.rint(facts.times * 30).astype(int)
    assert all(mark in (None, frame) for mark, frame in zip(found, truth, strict=True))


def test_a_damaged_first_picture_is_one_lost(tmp_path: Path) -> None:
    path = tmp_path / "a.avi"
    write_coded(path, (marked_picture(i) for i in range(30)), "mpeg4", gop=1)
    content = bytearray(path.read_bytes())
    begin = content.index(b"00dc", content.index(b"movi")) + 4
    (size,) = struct.unpack_from("<I", content, begin)
    content[begin + 4 : begin + 4 + size] = bytes(size)
    path.write_bytes(content)
    facts = read_video_facts(path)
    assert facts.frame_size == marked_picture(0).shape[:2]
    assert marks(facts, facts.frames_at(None)).count(None) == 1


def test_false_promises_make_no_endless_sequence(tmp_path: Path) -> None:
    path = tmp_path / "a.avi"
    write_coded(path, (marked_picture(i) for i in range(30)), "mpeg4")
    content = bytearray(path.read_bytes())
    struct.pack_into("<I", content, content.index(b"strh") + 40, 20_000_000)
    path.write_bytes(content)
    assert len(read_video_facts(path).times) <= 3000
    path = tmp_path / "leap.mkv"
    times = [*(33 * i for i in range(29)), 10**9]
    write_coded(path, (marked_picture(i) for i in range(30)), times=times)
    with pytest.raises(InputError, match=r"leap\.mkv: 30 pictures spread over 1000000 s at 30"):
        read_video_facts(path)


def test_moments_without_a_picture_of_their_own_in_an_avi(tmp_path: Path) -> None:
    times = [1000 * (i + 30 * (i >= 20)) // 30 for i in range(40)]
    for codec in ("mpeg4", "libx264"):
        path = tmp_path / f"{codec}.avi"
        write_coded(path, (marked_picture(i) for i in range(40)), codec, times=times)
        facts = read_video_facts(path)
        # With B-frames, a picture near the pause may stand at its other side.
        assert facts.times[[0, 10, 30, -1]] == pytest.approx([0, 1 / 3, 2, 69 / 30], abs=0.04)
        assert (np.diff(facts.times) > 0.9).sum() == 1
        assert marks(facts, np.arange(len(facts.times))) == list(range(40))


@pytest.mark.parametrize("hidden", [3, 15, 16])
def test_what_an_edit_list_hides_is_not_there(tmp_path: Path, hidden: int) -> None:
    # Within the first group of pictures, within another, and before a key frame.
    path = tmp_path / "a.mp4"
    write_coded(path, (marked_picture(i) for i in range(40)))
    hide_beginning(path, hidden / 30)
    facts = read_video_facts(path)
    count = 40 - hidden
    assert facts.times == pytest.approx(np.arange(count) / 30, abs=1e-3)
    assert marks(facts, np.arange(count)) == list(range(hidden, 40))
    with VideoReader(path) as reader:
        assert [read_mark(reader.picture(i)) for i in (22, 3, 0)] == [
            hidden + i for i in (22, 3, 0)
        ]


def test_times_count_from_the_first_picture(tmp_path: Path) -> None:
    for name in ("a.mkv", "a.ts"):
        path = tmp_path / name
        times = [5000 + 1000 * i // 25 for i in range(200)]
        write_coded(path, (marked_picture(i) for i in range(200)), times=times)
        facts = read_video_facts(path)
        assert facts.times == pytest.approx(np.arange(200) / 25, abs=2e-3)
        with VideoReader(path) as reader:
            assert [read_mark(reader.at(i / 25)) for i in (150, 10, 199, 0)] == [150, 10, 199, 0]


def test_pictures_that_only_others_are_made_of_are_not_lost(tmp_path: Path) -> None:
    # libvpx writes such alternative references where it encodes twice.
    path = tmp_path / "a.webm"
    write_coded(path, (marked_picture(i) for i in range(30)), "libvpx", gop=1)
    with av.open(str(path)) as container:
        packets = [bytes(p) for p in container.demux(container.streams.video[0]) if p.size]
    content = bytearray(path.read_bytes())
    hidden = (4, 5, 17)
    for number in hidden:
        content[content.index(packets[number])] &= ~0x10
    path.write_bytes(content)
    facts = read_video_facts(path)
    assert marks(facts, np.arange(len(facts.times))) == [i for i in range(30) if i not in hidden]


def test_a_name_with_a_colon_is_a_file(tmp_path: Path) -> None:
    path = tmp_path / "12:30:00.mp4"
    write_coded(tmp_path / "a.mp4", [marked_picture(0)])
    (tmp_path / "a.mp4").rename(path)
    facts = read_video_facts(path)
    assert facts.path == str(path) and len(facts.times) == 1


def test_a_cover_alone_is_no_video(tmp_path: Path) -> None:
    path = tmp_path / "song.mp4"
    with av.open(str(path), "w") as container:
        sound = container.add_stream("aac", rate=16000)
        cover = container.add_stream("mjpeg", rate=1)
        cover.pix_fmt, cover.width, cover.height = "yuvj420p", 256, 144
        cover.disposition = Disposition.attached_pic.value
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 16000), np.float32), "fltp", "mono")
        silence.sample_rate = 16000
        picture = av.VideoFrame.from_ndarray(marked_picture(5), format="rgb24")
        for packets in (
            sound.encode(silence),
            cover.encode(picture),
            cover.encode(),
            sound.encode(),
        ):
            container.mux(packets)
    with pytest.raises(InputError, match=r"song\.mp4: no pictures in it \(audio, cover\)"):
        read_video_facts(path)


@pytest.mark.parametrize("constant", [True, False])
def test_frames_of_poses_are_pictures_one_by_one_or_by_time(constant: bool) -> None:
    times = np.arange(60) / 30.37
    facts = VideoFacts("x", (1, 1), times, np.arange(60), True, 30.0, constant)
    by_time = facts.frames_of(60, 30.0)
    assert (by_time == np.arange(60)).all() == constant
    for num_frames, fps in ((30, 15.0), (60, 30.0), (90, 30.0)):
        if constant and num_frames == 60:
            continue
        ticks = np.arange(num_frames)[:, None] / fps
        assert (facts.frames_of(num_frames, fps) == np.abs(times - ticks).argmin(axis=1)).all()


def test_what_is_no_video_is_said_in_one_line(tmp_path: Path) -> None:
    for name in ("missing.mp4", "."):
        with pytest.raises(InputError, match="no such file|a folder"):
            read_video_facts(tmp_path / name)
    reasons = write_broken(tmp_path / "broken")
    for name, reason in reasons.items():
        if "decoded" in reason or "nobody" in reason:
            continue  # These can be opened.
        with pytest.raises(InputError, match=f"{name}: .*{reason}") as caught:
            read_video_facts(tmp_path / "broken" / name)
        assert "\n" not in str(caught.value)


def test_ahead_is_the_same_and_can_be_left(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    write_coded(path, blocks(80, [walking()]))
    facts = read_video_facts(path)
    wanted = facts.frames_at(None)
    with decoded_ahead(facts, wanted) as frames:
        pairs = zip(frames, decode(facts, wanted), strict=True)
        assert all(a is not None and (a == b).all() for a, b in pairs)
    with decoded_ahead(facts, wanted) as frames:
        next(frames)
    with pytest.raises(InputError, match="no such file"):
        path.unlink()
        with decoded_ahead(facts, wanted) as frames:
            list(frames)
