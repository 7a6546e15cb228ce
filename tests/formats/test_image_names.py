"""Frame numbers, times and hashes in the names of images."""

import json
from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmalign.errors import InputError
from mmalign.formats.image_names import image_stems, number_images
from tests.formats.test_detector_formats import motion, read

START = datetime(2023, 12, 31, 23, 59, 57)

TIMES = {
    "iso": lambda t: t.strftime("%Y-%m-%dT%H_%M_%S.") + f"{t.microsecond // 1000:03}",
    "compact": lambda t: t.strftime("%Y%m%d_%H%M%S") + f"{t.microsecond // 1000:03}",
    "dashes": lambda t: t.strftime("cam-%Y-%m-%d-%H-%M-%S-") + f"{t.microsecond:06}",
    "day": lambda t: (t - timedelta(hours=9)).strftime("img_%H-%M-%S.") + f"{t.microsecond:06}",
    "unix ms": lambda t: f"{(t - datetime(1970, 1, 1)) // timedelta(milliseconds=1)}",
    "unix s": lambda t: f"frame_{(t - datetime(1970, 1, 1)) / timedelta(seconds=1):.3f}",
}


@pytest.mark.parametrize("form", TIMES)
@given(
    step=st.sampled_from([20, 40, 47, 100, 500]),
    missing=st.sets(st.integers(1, 18), max_size=4),
    seed=st.integers(0, 9),
)
def test_times_give_order_gaps_and_rate(form, step, missing, seed):
    frames = [i for i in range(20) if i not in missing]
    np.random.default_rng(seed).shuffle(frames)
    names = [TIMES[form](START + timedelta(milliseconds=step * i)) + ".png" for i in frames]
    found = number_images(names, "clip")
    assert list(found.numbers) == frames and not found.counted
    assert found.fps == pytest.approx(1000 / step, rel=1e-3)


@given(
    prefix=st.sampled_from(["", "frame_", "take2-", "v 3."]),
    width=st.integers(1, 12),
    numbers=st.lists(st.integers(0, 9999), min_size=1, max_size=30, unique=True),
    folder=st.sampled_from(["", "a/b/", "C:\\x\\"]),
)
def test_numbers_at_the_end_are_frames(prefix, width, numbers, folder):
    names = [f"{folder}{prefix}{n:0{width}}_keypoints.json" for n in numbers]
    found = number_images(names, "clip")
    assert list(found.numbers) == numbers and found.counted and found.fps is None


@pytest.mark.parametrize("width", [1, 3, 4, 6, 12])
def test_numbers_behind_the_time_of_a_recording_are_frames(width):
    names = [f"2018-07-04_12_04_17_{i:0{width}}.png" for i in range(1, 9)]
    assert number_images(names, "clip").numbers == tuple(range(1, 9))


@given(hashes=st.lists(st.uuids(), min_size=2, max_size=12, unique_by=lambda u: u.hex[:8]))
def test_hashes_before_and_behind_are_left_out(hashes):
    plain = [f"frame_{i:04}" for i in range(len(hashes))]
    for spell in (
        lambda u, n: f"images/3/{u.hex[:8]}-{n}.jpg",
        lambda u, n: f"{u}_{n}.png",
        lambda u, n: f"{n}_jpg.rf.{u.hex}.jpg",
    ):
        names = [spell(u, n) for u, n in zip(hashes, plain, strict=True)]
        assert image_stems(names) == plain
        assert number_images(names, "clip").numbers == tuple(range(len(hashes)))


def test_what_names_do_not_tell_is_not_guessed():
    assert number_images(["left.png", "right.png"], "clip") is None
    assert number_images(["0a1b2c3d4e5f60718293.png", "ffb2c3d4e5f607182931.png"], "clip") is None
    with pytest.raises(InputError, match="every frame number once"):
        number_images(["a_1.png", "b_1.png"], "clip")
    found = number_images(["b_1.png", "a_2.png"], "clip")
    assert found.numbers == (1, 2) and "numbers at the end" in found.note
    assert not number_images(["a_1.png", "b_2.png"], "clip").note


def coco(path, images, **more):
    people = [
        {"image_id": image["id"], "keypoints": [10 + i, 20, 2, 90, 80, 2] + [50, 60, 2] * 15}
        for i, image in enumerate(images)
    ]
    path.write_text(json.dumps({"images": images, "annotations": people, **more}))
    return path


def test_coco_images_are_ordered_by_what_is_sound(tmp_path):
    def xs(images):
        _, (clip,), report = read("coco_keypoints", coco(tmp_path / "c.json", images))
        return clip.sequence.keypoints[:, 0, 0].tolist(), report.notes

    ids = [{"id": 3 - i, "file_name": f"{'ab'[i % 2] * 12}{i}.png"} for i in range(3)]
    assert xs([{**image, "frame_id": i} for i, image in enumerate(ids)])[0] == [10, 11, 12]
    # A frame_id that does not rise is none.
    assert xs([{**image, "frame_id": 0} for image in ids])[0] == [12, 11, 10]
    words = [{"id": i, "file_name": name} for i, name in enumerate(("c.png", "a.png", "b.png"))]
    found, notes = xs(words)
    assert found == [10, 11, 12] and notes == ["images were ordered by their ids"]
    with pytest.raises(InputError, match="twice without a frame_id"):
        xs([{"id": i, "file_name": "0000.jpg"} for i in range(2)])


def test_folders_of_windows_are_videos(tmp_path):
    images = [
        {"id": 10 * v + i, "file_name": f"videos\\v{v}\\{i:04}.jpg"}
        for v in range(3)
        for i in range(4)
    ]
    _, clips, _ = read("coco_keypoints", coco(tmp_path / "c.json", images))
    assert [clip.sequence.num_frames for clip in clips] == [4, 4, 4]


@pytest.mark.parametrize("form", TIMES)
def test_openpose_and_alphapose_take_times_for_times(form, tmp_path):
    poses = motion(17)[0]
    names = [TIMES[form](START + timedelta(milliseconds=47 * t)) for t in range(len(poses))]
    rows = [
        {"image_id": f"{name}.png", "keypoints": pose.ravel().tolist()}
        for name, pose in zip(names, poses, strict=True)
        if pose.any()
    ]
    (tmp_path / "a.json").write_text(json.dumps(rows))
    (tmp_path / "op/clip").mkdir(parents=True)
    for name, pose in zip(names, motion(18)[0], strict=True):
        people = [{"pose_keypoints_2d": pose.ravel().tolist()}]
        path = tmp_path / "op/clip" / f"{name}_keypoints.json"
        path.write_text(json.dumps({"people": people}))
    for format_name, source in (("alphapose", "a.json"), ("openpose", "op")):
        _, (clip,), report = read(format_name, tmp_path / source)
        assert clip.sequence.fps == pytest.approx(1000 / 47, rel=1e-3)
        assert clip.sequence.scores.any(axis=1).tolist() == [True] * 4 + [False] + [True]
        assert any("named by times" in note for note in report.notes)
    with pytest.raises(InputError, match="images of 2 folders"):
        rows[0]["image_id"] = "other/" + rows[0]["image_id"]
        (tmp_path / "a.json").write_text(json.dumps(rows))
        read("alphapose", tmp_path / "a.json")
