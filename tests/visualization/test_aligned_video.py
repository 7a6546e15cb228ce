"""Reading videos at moments, and videos of aligned pairs, on pictures that say which they are."""

import itertools

import av
import numpy as np
import pytest
from marked_videos import marked_picture, marked_result, read_mark, write_marked_video

from mmalign.errors import InputError
from mmalign.video.reader import VideoReader
from mmalign.visualization.aligned_video import write_ghost_overlay, write_side_by_side


def decode(path):
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


@pytest.mark.parametrize("fps", [30.0, 23.976, 60.0, 5.0])
def test_every_frame_is_found_in_any_order(tmp_path, fps):
    path = write_marked_video(tmp_path / "video.mp4", 250, fps)
    order = [*range(30), 249, 0, 100, 101, 99, 248, 3, 200, 200]
    with VideoReader(path) as reader:
        assert [read_mark(reader.at(frame / fps)) for frame in order] == order
        assert read_mark(reader.at(1e6)) == 249


def test_what_is_no_video_is_named(tmp_path):
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"nothing of the kind" * 100)
    for path, reason in (
        (broken, "broken.mp4: not a readable video"),
        (tmp_path / "missing.mp4", "missing.mp4: no such file"),
        (tmp_path, "a folder"),
    ):
        with pytest.raises(InputError, match=reason):
            VideoReader(path)


def test_side_by_side_shows_what_matches(tmp_path):
    result = marked_result(tmp_path)
    out = tmp_path / "side.mp4"
    write_side_by_side(result, 0, out, height=144, skeleton=False)
    frames = decode(out)
    assert len(frames) == 60
    places = result.pairs[0].other_positions
    for tick, frame in enumerate(frames):
        left, right = frame[-140:, :256], frame[-140:, -256:]
        assert read_mark(left) == tick
        assert abs(read_mark(right) - places[tick]) <= 0.51


def test_videos_play_in_browsers(tmp_path):
    result = marked_result()
    write_side_by_side(result, 0, tmp_path / "side.mp4")
    write_ghost_overlay(result, 0, tmp_path / "ghost.mp4")
    for name in ("side.mp4", "ghost.mp4"):
        content = (tmp_path / name).read_bytes()
        assert content.index(b"moov") < content.index(b"mdat")
        with av.open(str(tmp_path / name)) as container:
            stream = container.streams.video[0]
            assert (stream.codec.name, stream.pix_fmt, stream.frames) == ("h264", "yuv420p", 60)
            assert float(stream.average_rate) == 30.0


def test_the_reference_is_shown_alone_where_it_has_no_counterpart(tmp_path):
    result = marked_result(tmp_path)
    pair = result.pairs[0]
    pair.positions[pair.positions > 29] = np.nan
    pair.path = pair.path[pair.path[:, 0] <= 29]
    pair.repetitions = [(20, 42)]
    write_side_by_side(result, 0, tmp_path / "side.mp4", height=144, skeleton=False)
    frames = decode(tmp_path / "side.mp4")
    darkest = [frame[-100:, -256:].min() for frame in frames]
    assert max(darkest[:29]) < 40 and min(darkest[31:]) > 140
    assert [read_mark(frame[-140:, :256]) for frame in frames] == list(range(60))


def test_the_ghost_lies_on_the_reference(tmp_path):
    # The same video as both: where it matches itself, the overlay is the picture itself.
    result = marked_result(tmp_path)
    pair = result.pairs[0]
    result.others[0] = result.reference
    pair.positions = np.arange(60.0)
    pair.other_frames, pair.other_fps = 60, pair.reference_fps
    pair.path = np.stack([np.arange(60)] * 2, axis=1)
    pair.repetitions = [(0, 60)]
    write_ghost_overlay(result, 0, tmp_path / "ghost.mp4", height=144)
    for tick, frame in itertools.islice(enumerate(decode(tmp_path / "ghost.mp4")), 0, 60, 13):
        strip = frame[-20:, :256].astype(int)  # Below the person.
        assert np.abs(strip - marked_picture(tick)[-20:]).mean() < 12
