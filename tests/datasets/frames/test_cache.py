"""Frames on disk: made once, made anew when the source changes, whole or not there."""

import multiprocessing
import os

import cv2
import numpy as np
import pytest
from marked_videos import marked_picture, read_mark, write_marked_video
from PIL import Image

from mmalign.datasets.frames import ReadingOptions, cache, frame_clip
from mmalign.datasets.frames.reading import letterbox, prepare_frames
from mmalign.errors import InputError

SMALL = ReadingOptions("rgb", 64)


@pytest.fixture
def video(tmp_path):
    return write_marked_video(tmp_path / "a.mp4", 20, 25.0)


def files(folder):
    return sorted(path.name for path in folder.iterdir())


def test_frames_and_times_of_a_video(video, tmp_path):
    clip = frame_clip(video, SMALL, tmp_path / "cache")
    assert clip.frames.shape == (20, 64, 64, 3) and clip.frames.dtype == np.uint8
    assert isinstance(clip.frames, np.memmap)
    assert [read_mark(frame) for frame in clip.frames] == list(range(20))
    assert (clip.frames[:, :14] == 0).all() and (clip.frames[:, 50:] == 0).all()
    np.testing.assert_allclose(clip.times, np.arange(20) / 25, atol=1e-3)


def test_the_second_time_nothing_is_decoded(video, tmp_path, monkeypatch):
    first = frame_clip(video, SMALL, tmp_path / "cache")
    monkeypatch.setattr(cache, "read_source", None)
    again = frame_clip(video, SMALL, tmp_path / "cache")
    np.testing.assert_array_equal(first.frames, again.frames)


def test_another_content_size_modality_or_time_of_change_is_another_clip(video, tmp_path):
    folder = tmp_path / "cache"
    frame_clip(video, SMALL, folder)
    frame_clip(video, ReadingOptions("rgb", 32), folder)
    frame_clip(video, ReadingOptions("flow", 64), folder)
    assert len(files(folder)) == 6
    write_marked_video(video, 12, 25.0)
    assert len(frame_clip(video, SMALL, folder).frames) == 12
    os.utime(video, ns=(1, 1))
    frame_clip(video, SMALL, folder)
    assert len(files(folder)) == 10


def test_a_folder_of_images_has_no_times_and_is_read_anew_when_one_changes(tmp_path):
    source = tmp_path / "images"
    source.mkdir()
    for number in range(3):
        Image.fromarray(marked_picture(number)).save(source / f"{number}.png")
    clip = frame_clip(source, SMALL, tmp_path / "cache")
    assert [read_mark(frame) for frame in clip.frames] == [0, 1, 2]
    assert np.isnan(clip.times).all()
    Image.fromarray(marked_picture(77)).save(source / "1.png")
    clip = frame_clip(source, SMALL, tmp_path / "cache")
    assert [read_mark(frame) for frame in clip.frames] == [0, 77, 2]


def test_a_damaged_file_of_the_cache_is_made_anew(video, tmp_path):
    folder = tmp_path / "cache"
    wanted = np.array(frame_clip(video, SMALL, folder).frames)
    for name in files(folder):
        whole = (folder / name).read_bytes()
        (folder / name).write_bytes(whole[: len(whole) // 2])
        np.testing.assert_array_equal(frame_clip(video, SMALL, folder).frames, wanted)


def test_a_video_that_breaks_off_leaves_nothing_in_the_cache(video, tmp_path, monkeypatch):
    def breaking(path, options):
        yield 0.0, np.zeros((64, 64, 3), np.uint8)
        raise InputError("the rest is damaged")

    monkeypatch.setattr(cache, "read_source", breaking)
    with pytest.raises(InputError, match="the rest is damaged"):
        frame_clip(video, SMALL, tmp_path / "cache")
    assert files(tmp_path / "cache") == []


def _sum(job):
    video, folder = job
    return int(frame_clip(video, SMALL, folder).frames.astype(np.int64).sum())


def test_several_processes_may_ask_at_once(video, tmp_path):
    with multiprocessing.get_context("fork").Pool(4) as pool:
        sums = pool.map(_sum, [(video, tmp_path / "cache")] * 8, chunksize=1)
    assert len(set(sums)) == 1
    assert len(files(tmp_path / "cache")) == 2


def test_the_folder_is_that_of_the_environment(video, tmp_path, monkeypatch):
    monkeypatch.setenv("MMALIGN_CACHE", str(tmp_path / "mine"))
    frame_clip(video, SMALL)
    assert len(files(tmp_path / "mine" / "frames")) == 2


def test_a_missing_source_and_a_folder_that_cannot_be_written(video, tmp_path):
    for name in ("none.mp4", "a\0b.mp4", 3000 * "a"):
        with pytest.raises(InputError, match="no readable video"):
            frame_clip(tmp_path / name, SMALL, tmp_path / "cache")
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        frame_clip(video, SMALL, tmp_path / "file")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"modality": "thermal"}, "modality is 'thermal', expected one of rgb, flow, depth"),
        ({"size": 0}, "size is 0"),
        ({"modality": "flow", "size": 8}, "size is 8, expected at least 16"),
        ({"depth_unit": 0.0}, "depth_unit is 0.0"),
    ],
)
def test_bad_options(options, message):
    with pytest.raises(InputError, match=message):
        ReadingOptions(**options)


def test_a_decoder_is_no_longer_chosen_and_changes_nothing(video, tmp_path):
    with pytest.warns(UserWarning, match="LoadFrames: decoder='opencv' is ignored"):
        named = ReadingOptions("rgb", 64, "opencv")
    assert named == SMALL
    frame_clip(video, named, tmp_path / "cache")
    frame_clip(video, SMALL, tmp_path / "cache")
    assert len(files(tmp_path / "cache")) == 2


def test_letterbox_keeps_the_shape_of_what_it_shows():
    tall = np.full((40, 10, 3), 9, np.uint8)
    out = letterbox(tall, 20)
    assert (out[:, 7:12] == 9).all()
    assert (out[:, :7] == 0).all() and (out[:, 12:] == 0).all()
    assert letterbox(np.ones((3, 4000, 1), np.float32), 16).shape == (16, 16, 1)
    same = np.random.default_rng(0).integers(0, 255, (8, 8, 3), np.uint8)
    np.testing.assert_array_equal(letterbox(same, 8), same)


def test_depth_is_not_averaged_over_edges():
    depth = np.full((40, 40, 1), 1.0, np.float32)
    depth[:, 21:] = 5.0
    (small,) = prepare_frames([depth], ReadingOptions("depth", 10))
    assert set(np.unique(small)) == {1.0, 5.0}


def test_flow_is_the_movement_to_the_next_frame_in_pixels_of_the_resized_frame():
    noise = np.random.default_rng(0).integers(0, 255, (60, 60), np.uint8)
    noise = cv2.resize(noise, (240, 240), interpolation=cv2.INTER_CUBIC)
    pictures = [np.roll(noise, (6 * t, 4 * t), (0, 1))[..., None].repeat(3, 2) for t in range(3)]
    flows = np.stack(list(prepare_frames(pictures, ReadingOptions("flow", 120))))
    assert flows.shape == (3, 120, 120, 2) and flows.dtype == np.float16
    np.testing.assert_allclose(np.median(flows[:, 20:-20, 20:-20], axis=(1, 2)), [[2, 3]] * 3, 0.1)
    np.testing.assert_array_equal(flows[2], flows[1])
    (alone,) = prepare_frames(pictures[:1], ReadingOptions("flow", 120))
    assert not alone.any()
