"""Frames in the pipeline: they follow the poses in time and in flips."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from marked_videos import marked_picture, marked_poses, read_mark, write_marked_video
from mmcv.transforms import Compose
from PIL import Image

from mmalign.datasets import ToyPoseDataset
from mmalign.datasets.pose_dataset import PoseSequenceDataset
from mmalign.errors import InputError
from mmalign.poses.pose_file import write_pose_file
from mmalign.poses.pose_index import PoseIndex, SequenceEntry, write_index
from mmalign.registry import TRANSFORMS
from mmalign.toy import write_dataset

FRAMES, SIZE = 40, 64


def build(*steps):
    return Compose([TRANSFORMS.build(step) for step in steps])


def sample(**changes):
    return {
        "video": np.stack([marked_picture(number) for number in range(FRAMES)]),
        "frame_inds": np.arange(FRAMES, dtype=np.float64),
        "pose_clock": (FRAMES, 30.0),
        "fps": 30.0,
        "sample_id": "clip 7",
        "rng": np.random.default_rng(0),
        **changes,
    }


def load(results, **options):
    return build({"type": "LoadFrames", "size": SIZE, **options})(results)


def write_data(folder, fps, count, video="a.mp4", **entry):
    write_pose_file(folder / "poses/a.npz", marked_poses(count, fps))
    index = PoseIndex("coco17", "a test", {"walk": {"phases": ["a", "b", "c"]}})
    facts = ("a", "poses/a.npz", "train", "walk", count, fps, True, "take 1")
    index.sequences.append(SequenceEntry(*facts, video=video, **entry))
    write_index(folder, index)


def marks(folder, **options):
    dataset = PoseSequenceDataset(str(folder), **options)
    results = load(dataset[0], cache_dir=str(folder / "cache"))
    return [read_mark(frame) for frame in results["rgb"]]


@settings(max_examples=25, deadline=None)
@given(inds=st.lists(st.floats(0, FRAMES - 1), min_size=1, max_size=12))
def test_each_pose_gets_the_frame_nearest_to_its_place(inds):
    results = load(sample(frame_inds=np.array(inds)))
    assert results["rgb"].shape == (len(inds), SIZE, SIZE, 3)
    assert [read_mark(frame) for frame in results["rgb"]] == np.rint(inds).astype(int).tolist()


def test_frames_of_a_file_are_those_of_memory(tmp_path):
    write_marked_video(tmp_path / "a.mp4", FRAMES, 30.0)
    inds = np.array([0, 3.4, 3.6, 39])
    stored = load(
        sample(video=str(tmp_path / "a.mp4"), frame_inds=inds), cache_dir=str(tmp_path / "cache")
    )
    assert [read_mark(frame) for frame in stored["rgb"]] == [0, 3, 4, 39]
    kept = load(sample(frame_inds=inds))["rgb"].astype(int)
    assert np.abs(stored["rgb"].astype(int) - kept).max() < 12


@pytest.mark.parametrize("modality", ["rgb", "flow"])
def test_the_flip_of_the_poses_is_that_of_the_frames(modality):
    plain = load(sample(), modality=modality)[modality]
    flipped = load(sample(flipped=True), modality=modality)[modality]
    sign = np.array([-1, 1]) if modality == "flow" else 1
    np.testing.assert_array_equal(flipped, plain[:, :, ::-1] * sign)


def test_pose_flip_says_so_and_twice_is_not_at_all():
    flip = {"type": "PoseFlip", "prob": 1.0}
    poses = {
        "keypoint": np.random.default_rng(0).random((1, 5, 17, 2)).astype(np.float32),
        "keypoint_score": np.ones((1, 5, 17), np.float32),
        "skeleton": "coco17",
        "img_shape": (30, 30),
    }
    once = build(flip)(sample(**poses))
    assert once["flipped"]
    assert not build(flip, flip)(sample(**poses))["flipped"]
    assert "flipped" not in build({"type": "PoseFlip", "prob": 0.0})(sample(**poses))


def test_a_video_of_another_rate_is_brought_to_the_poses_by_time(tmp_path):
    write_marked_video(tmp_path / "a.mp4", 80, 60.0)
    write_data(tmp_path, 30.0, 40)
    assert marks(tmp_path) == list(range(0, 80, 2))


def test_resampled_poses_keep_their_frames(tmp_path):
    write_marked_video(tmp_path / "a.mp4", 40, 30.0)
    write_data(tmp_path, 20.0, 40)  # a nominal rate: one frame per pose all the same
    assert marks(tmp_path, resample_fps=10.0) == list(range(0, 40, 2))


def test_a_window_and_a_later_start_take_their_own_frames(tmp_path):
    write_marked_video(tmp_path / "a.mp4", 60, 30.0)
    write_data(tmp_path, 30.0, 40, video_start=15)
    dataset = PoseSequenceDataset(str(tmp_path), window="trimmed")
    results = load(dataset[0], cache_dir=str(tmp_path / "cache"))
    first, end = results["window"]
    assert [read_mark(f) for f in results["rgb"]] == list(range(15 + first, 15 + end))


def test_a_pattern_says_where_the_frames_of_all_sequences_are(tmp_path):
    (tmp_path / "frames/take 1").mkdir(parents=True)
    for number in range(9):
        picture = Image.fromarray(marked_picture(number))
        picture.save(tmp_path / f"frames/take 1/{number:05d}.png")
    write_data(tmp_path, 30.0, 9, video=None)
    assert marks(tmp_path, video="frames/{source}") == list(range(9))
    with pytest.raises(InputError, match="sequence 'a': has no video.*index.json"):
        marks(tmp_path)
    with pytest.raises(InputError, match="video is 'f/{number}', expected a path"):
        marks(tmp_path, video="f/{number}")
    (tmp_path / "frames/take 1/00004.png").unlink()
    with pytest.raises(InputError, match="take 1: frame 4 is missing"):
        marks(tmp_path, video="frames/{source}")


def test_a_video_shorter_than_its_poses_is_an_error_that_names_both(tmp_path):
    write_marked_video(tmp_path / "a.mp4", 30, 30.0)
    write_data(tmp_path, 30.0, 60)
    with pytest.raises(InputError, match=r"sequence 'a', .*a.mp4: \d+ frames .* 60 poses") as found:
        marks(tmp_path)
    assert "\n" not in str(found.value)


def test_depth_images_are_loaded_in_metres(tmp_path):
    (tmp_path / "depth").mkdir()
    for number in range(6):
        depth = np.full((12, 16), 1000 + number, np.uint16)
        Image.fromarray(depth).save(tmp_path / f"depth/{number}.png")
    write_data(tmp_path, 30.0, 6, video=None, depth="depth")
    dataset = PoseSequenceDataset(str(tmp_path))
    results = load(dataset[0], modality="depth", cache_dir=str(tmp_path / "cache"))
    assert results["depth"].shape == (6, SIZE, SIZE, 1)
    np.testing.assert_allclose(results["depth"][:, 32, 32, 0], 1 + np.arange(6) / 1000, rtol=1e-6)
    packed = build({"type": "PackAlignmentInputs", "modalities": ["depth"]})(results)
    assert packed["inputs"]["depth"][0].shape == (6, 1, SIZE, SIZE)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_colours_change_in_the_same_way_in_all_frames(seed):
    frames = np.arange(256, dtype=np.uint8)[None, :, None, None].repeat(3, 0)
    step = {"type": "FrameColour", "prob": 1.0, "brightness": 0.2, "contrast": 0.3}
    changed = build(step)(sample(rgb=frames, rng=np.random.default_rng(seed)))["rgb"]
    assert changed.dtype == np.uint8
    np.testing.assert_array_equal(changed, changed[:1].repeat(3, 0))
    values = changed[0, :, 0, 0].astype(int)
    assert (np.diff(values) >= 0).all()
    free = (values > 0) & (values < 255)
    slope = np.polyfit(np.arange(256)[free], values[free], 1)[0]
    assert 0.69 < slope < 1.31
    assert abs(np.interp(127.5, np.arange(256), values) - 127.5) < 52
    assert (frames[0, :, 0, 0] == np.arange(256)).all()


def test_two_views_of_pose_and_frames_are_packed_with_the_same_frame_inds():
    frames = {"type": "LoadFrames", "size": 32}
    crop = {"type": "CropToPoseBox", "size": 30}
    views = {
        "type": "TwoViews",
        "view0": [{"type": "TemporalTrim"}, crop, frames],
        "view1": [{"type": "TemporalSubsample"}, crop, {"type": "PoseFlip", "prob": 0.5}, frames],
    }
    pack = {"type": "PackAlignmentInputs", "modalities": ("pose", "rgb")}
    dataset = ToyPoseDataset(activity="sort", num_sequences=2, render=32)
    results = build(views)(dataset[1])
    packed = build(pack)(results)
    for view, inds in zip(results["views"], packed["data_samples"].frame_inds, strict=True):
        rgb = view["rgb"][:, :, ::-1] if view.get("flipped") else view["rgb"]
        drawn = dataset[1]["video"][inds.numpy().astype(int)]
        np.testing.assert_array_equal(rgb[:, 4:28], drawn)
    shapes = [tuple(tensor.shape) for tensor in packed["inputs"]["rgb"]]
    assert shapes == [(len(inds), 3, 32, 32) for inds in packed["data_samples"].frame_inds]
    assert all(tensor.dtype == torch.uint8 for tensor in packed["inputs"]["rgb"])
    assert [len(pose) for pose in packed["inputs"]["pose"]] == [shape[0] for shape in shapes]


@pytest.mark.parametrize(
    ("step", "message"),
    [
        ({"type": "PackAlignmentInputs", "modalities": ["pose", "sound"]}, "expected some of pose"),
        ({"type": "PackAlignmentInputs", "modalities": []}, "expected some of pose"),
        ({"type": "LoadFrames", "match": "guess"}, "match is 'guess'"),
        ({"type": "FrameColour", "contrast": 2.0}, "contrast is 2.0"),
    ],
)
def test_bad_arguments(step, message):
    with pytest.raises(InputError, match=message):
        build(step)


def test_a_flip_that_frames_would_miss_is_refused():
    with pytest.raises(InputError, match="'rgb' is loaded already"):
        build({"type": "PoseFlip"})(load(sample()))


def test_packing_what_was_not_loaded_says_what_is_missing():
    depth = sample(depth="depth/a")
    with pytest.raises(InputError, match="gives no 'depth'; put LoadFrames"):
        build({"type": "PackAlignmentInputs", "modalities": ["depth"]})(depth)
    with pytest.raises(InputError, match="gives no 'rgb'; put LoadFrames"):
        build({"type": "PackAlignmentInputs", "modalities": ["rgb"]})(sample())


@pytest.mark.parametrize("form", ["video", "images"])
def test_generated_data_on_disk_name_their_frames(tmp_path, form):
    write_dataset(tmp_path, ["sort"], 1, 1, frames=form, length=(44, 48))
    dataset = PoseSequenceDataset(str(tmp_path), split="val")
    results = load(dataset[0], cache_dir=str(tmp_path / "cache"))
    drawn = ToyPoseDataset(
        activity="sort", num_sequences=1, split="val", length=(44, 48), render=320
    )
    wanted = load(drawn[0])["rgb"].astype(int)
    assert np.median(np.abs(results["rgb"].astype(int) - wanted)) < 6
    red = [(r["rgb"][..., 0] > 160) & (r["rgb"][..., 1] < 110) for r in (results, load(drawn[0]))]
    np.testing.assert_array_equal(*(shown.any(axis=(1, 2)) for shown in red))
