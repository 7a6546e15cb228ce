"""Decoding: every frame once, in order, upright, with its time; and what is no video."""

from fractions import Fraction

import av
import numpy as np
import pytest
from marked_videos import marked_picture, read_mark, write_marked_video

from mmalign.datasets.frames import decoders
from mmalign.datasets.frames.decoders import decode_video
from mmalign.errors import InputError

BOTH = pytest.mark.parametrize("decoder", ["pyav", "opencv"])


def write_at(path, times, base=1000):
    """A video whose frames show their numbers at times of one's own, in 1/base seconds."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=30)
        stream.pix_fmt, stream.width, stream.height = "yuv420p", 256, 144
        stream.time_base = stream.codec_context.time_base = Fraction(1, base)
        for number, time in enumerate(times):
            frame = av.VideoFrame.from_ndarray(marked_picture(number), format="rgb24")
            frame.pts, frame.time_base = time, Fraction(1, base)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def lay_on_its_side(path):
    """Write a quarter turn into the file's display matrix, as telephones do."""
    content = bytearray(path.read_bytes())
    at = content.index(b"tkhd") + 4 + 4 + 4 + 4 + 4 + 4 + 4 + 8 + 2 + 2 + 2 + 2
    turn = (0, 0x10000, 0, 0xFFFF0000, 0, 0, 0, 0, 0x40000000)
    content[at : at + 36] = b"".join(value.to_bytes(4, "big") for value in turn)
    path.write_bytes(content)
    return path


@BOTH
def test_every_frame_comes_once_with_its_time(tmp_path, decoder):
    path = write_marked_video(tmp_path / "a.mp4", 40, 25.0)
    times, pictures = zip(*decode_video(path, decoder), strict=True)
    assert [read_mark(picture) for picture in pictures] == list(range(40))
    np.testing.assert_allclose(times, np.arange(40) / 25, atol=1e-3)
    assert pictures[0].shape == (144, 256, 3)


@BOTH
def test_times_of_a_varying_frame_rate_are_the_files(tmp_path, decoder):
    wanted = np.array([100, 140, 180, 400, 900, 910, 920, 2000])
    path = write_at(tmp_path / "v.mkv", wanted.tolist())
    times, pictures = zip(*decode_video(path, decoder), strict=True)
    assert [read_mark(picture) for picture in pictures] == list(range(8))
    np.testing.assert_allclose(times, (wanted - 100) / 1000, atol=2e-3)


@BOTH
def test_a_recording_on_its_side_is_set_upright(tmp_path, decoder):
    write_marked_video(tmp_path / "a.mp4", 3, 25.0)
    path = lay_on_its_side(tmp_path / "a.mp4")
    for number, (_, picture) in enumerate(decode_video(path, decoder)):
        assert picture.shape == (256, 144, 3)
        assert read_mark(picture.swapaxes(0, 1)) == number


def cut(path):
    """The index of such a file stands at its end."""
    write_at(path, list(range(0, 1600, 40)))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def no_picture(path):
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=8000)
        sound = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
        sound.sample_rate = 8000
        container.mux(stream.encode(sound))
        container.mux(stream.encode())


@BOTH
@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.write_bytes(b""),
        lambda path: path.write_text("no video"),
        cut,
        no_picture,
    ],
    ids=["empty", "text", "cut in half", "sound alone"],
)
def test_what_is_no_video_says_so_in_one_line(tmp_path, decoder, spoil):
    path = tmp_path / "a.mp4"
    write_marked_video(path, 40, 25.0)
    spoil(path)
    with pytest.raises(InputError, match="a.mp4: not a readable video") as caught:
        list(decode_video(path, decoder))
    assert "\n" not in str(caught.value)


def test_without_pyav_opencv_decodes(tmp_path, monkeypatch):
    path = write_marked_video(tmp_path / "a.mp4", 3, 25.0)
    monkeypatch.setattr(decoders, "find_spec", lambda name: None)
    monkeypatch.setattr(decoders, "_decode_pyav", None)
    assert [read_mark(picture) for _, picture in decode_video(path)] == [0, 1, 2]


def test_damage_in_the_middle_is_an_error_and_not_a_picture(tmp_path):
    path = write_at(tmp_path / "a.mkv", list(range(0, 4000, 40)))
    content = bytearray(path.read_bytes())
    third = len(content) // 3
    content[third : third + 400] = bytes(400)
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"a.mkv: not a readable video \(.*frame"):
        list(decode_video(path))
