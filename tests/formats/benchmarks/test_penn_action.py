import os
from pathlib import Path

import numpy as np
import pytest
from penn_action_source import convert, write_mat, write_phases, write_source

from mmalign.errors import InputError
from mmalign.formats.benchmarks.penn_action import BENCHMARK_ACTIONS
from mmalign.formats.benchmarks.penn_action_files import read_annotation
from mmalign.formats.benchmarks.penn_action_labels import read_phase_labels
from mmalign.poses.pose_file import read_pose_file
from mmalign.poses.pose_index import read_index


@pytest.fixture
def src(tmp_path):
    return write_source(tmp_path / "src")


def read(out, video):
    return read_pose_file(out / "poses" / f"{video}.npz")


def test_sequences_stand_in_annotation_order_with_unlabelled_ones_last(src, tmp_path):
    convert(src, tmp_path / "out")
    index = read_index(tmp_path / "out")
    assert [(e.id, e.split, e.labelled) for e in index.sequences] == [
        ("0003", "train", True), ("0001", "train", True), ("0002", "train", False),
        ("0004", "val", True),
    ]  # fmt: skip
    assert index.actions == {"golf_swing": {"phases": ["phase 0", "phase 1", "phase 2"]}}
    assert index.skeleton == "penn13"
    entry = index.sequences[1]
    assert (entry.file, entry.num_frames, entry.fps) == ("poses/0001.npz", 10, 20.0)
    sequence = read(tmp_path / "out", "0001")
    assert list(sequence.labels) == [0, 0, 0, 0, 1, 1, 1, 2, 2, 2]
    assert sequence.frame_size == (270, 480) and (sequence.scores == 1).all()
    assert read(tmp_path / "out", "0002").labels is None


def test_the_parent_folder_will_do(src, tmp_path):
    src.rename(tmp_path / "penn_action")
    assert len(convert(tmp_path, tmp_path / "out").index.sequences) == 4


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_unsigned_coordinates_do_not_wrap(src, tmp_path, dtype):
    content = write_mat(src, "0002", dtype=dtype)
    report = convert(src, tmp_path / "out")
    keypoints = read(tmp_path / "out", "0002").keypoints
    assert report.counts["videos with integer coordinates"] == 1
    expected = np.diff(content["x"].astype(float), axis=0)
    assert (expected < 0).any()
    np.testing.assert_array_equal(np.diff(keypoints[..., 0], axis=0), expected)


def test_absent_occluded_and_visible_joints_have_their_scores(src, tmp_path):
    content = write_mat(src, "0002")
    content["visibility"][3, :3] = 0
    content["x"][3, 0] = content["y"][3, 0] = 1  # absent
    content["x"][3, 1] = 1  # at the border, but a position
    content["x"][3, 2] = content["y"][3, 2] = 1.5  # absent, (1, 1) before the joints were scaled
    content["x"][4, 5] = content["y"][4, 5] = 1  # visible in the corner
    write_mat(src, "0002", **{k: content[k] for k in ("x", "y", "visibility")})
    report = convert(src, tmp_path / "out", occluded_score=0.25)
    sequence = read(tmp_path / "out", "0002")
    assert list(sequence.scores[3, :4]) == [0, 0.25, 0, 1]
    assert list(sequence.keypoints[3, 0]) == [0, 0]
    assert sequence.keypoints[3, 1, 0] == 1 and sequence.scores[4, 5] == 1
    assert report.counts["absent joints"] == 2 and report.counts["invisible joints"] == 3


def test_frames_without_any_joint_are_kept_with_score_zero(src, tmp_path):
    content = write_mat(src, "0002")
    for name, value in (("visibility", 0), ("x", 1), ("y", 1)):
        content[name][2:5] = value
    content["visibility"][7] = 0
    write_mat(src, "0002", **{k: content[k] for k in ("x", "y", "visibility")})
    report = convert(src, tmp_path / "out")
    sequence = read(tmp_path / "out", "0002")
    assert sequence.num_frames == 10
    assert (sequence.scores[2:5] == 0).all() and (sequence.scores[7] == 0.5).all()
    assert report.counts["frames without a visible joint"] == 4
    assert report.counts["videos with such frames"] == 1
    assert report.counts["frames with every joint absent"] == 3


def test_a_clip_without_any_joint_is_an_error_or_a_reported_skip(src, tmp_path):
    nothing = np.ones((10, 13))
    write_mat(src, "0002", x=nothing, y=nothing, visibility=np.zeros((10, 13), np.uint8))
    with pytest.raises(InputError, match="labels/0002.mat: no joint is visible"):
        convert(src, tmp_path / "out")
    assert not (tmp_path / "out" / "index.json").exists()
    report = convert(src, tmp_path / "out", on_error="skip")
    assert list(report.skipped) == ["0002"] and "no joint" in report.skipped["0002"]
    assert [e.id for e in read_index(tmp_path / "out").sequences] == ["0003", "0001", "0004"]


def test_a_clip_is_cut_to_its_labelled_frames(src, tmp_path):
    write_phases(src, "golf_swing_val", v0004=[0, 0, 1, 1, 1, 1])
    report = convert(src, tmp_path / "out")
    assert report.notes == ["video 0004: 10 frames, 6 labels; cut to 6"]
    assert read(tmp_path / "out", "0004").num_frames == 6
    assert read_index(tmp_path / "out").sequences[-1].num_frames == 6


def test_folders_of_rgb_frames_are_named_as_the_source(src, tmp_path):
    for video, images in (("0001", 10), ("0004", 9)):
        (src / "frames" / video).mkdir(parents=True)
        for i in range(images):
            (src / "frames" / video / f"{i + 1:06d}.jpg").touch()
    report = convert(src, tmp_path / "out")
    assert report.counts["videos with RGB frames"] == 2
    assert report.notes == ["video 0004: 10 frames, 9 images"]
    sources = {entry.id: entry.source for entry in report.index.sequences}
    assert sources["0001"] == str(src / "frames" / "0001") and sources["0002"] == "0002"


def test_a_short_bbox_does_not_matter_and_is_counted(src, tmp_path):
    write_mat(src, "0002", bbox=np.ones((9, 4)))
    report = convert(src, tmp_path / "out")
    assert report.counts["videos with a short bbox"] == 1
    assert read(tmp_path / "out", "0002").num_frames == 10


@pytest.mark.parametrize("asked", ["bowl", "bowling"])
def test_both_spellings_of_an_action_mean_the_same(src, tmp_path, asked):
    write_mat(src, "0005", action="bowl")
    write_phases(src, "bowling_train", v0005=[0] * 10)
    convert(src, tmp_path / "out", actions=[asked])
    assert [(e.id, e.action, e.labelled) for e in read_index(tmp_path / "out").sequences] == [
        ("0005", "bowling", True)
    ]


def test_a_label_file_of_any_other_action_just_works(src, tmp_path):
    write_mat(src, "0006", action="strum_guitar")
    assert "0006" not in [e.id for e in convert(src, tmp_path / "out").index.sequences]
    write_phases(src, "strum_guitar_train", v0006=[0] * 9 + [1])
    convert(src, tmp_path / "out")
    index = read_index(tmp_path / "out")
    assert index.actions["strum_guitar"] == {"phases": ["phase 0", "phase 1"]}
    assert index.sequences[-1].id == "0006" and index.sequences[-1].labelled


def test_without_phase_labels_the_annotation_gives_the_split(src, tmp_path):
    for path in (src / "phase_labels").iterdir():
        path.unlink()
    index = convert(src, tmp_path / "out").index
    assert [(e.id, e.split, e.labelled) for e in index.sequences][-1] == ("0004", "val", False)
    assert index.actions == {"golf_swing": {"phases": []}}


def test_a_label_file_that_disagrees_about_the_split_is_followed_and_counted(src, tmp_path):
    write_mat(src, "0004", train=1)
    report = convert(src, tmp_path / "out")
    assert report.counts["videos whose label file names another split"] == 1
    assert report.index.sequences[-1].split == "val"


@pytest.fixture(scope="module")
def real():
    root = os.environ.get("MMALIGN_DATA")
    if not root or not (Path(root) / "penn_action").is_dir():
        pytest.skip("needs Penn Action: set MMALIGN_DATA to the folder that holds penn_action/")
    return Path(root) / "penn_action"


@pytest.mark.slow
def test_real_data_hold_what_is_known_of_them(real, tmp_path):
    report = convert(real, tmp_path, actions=BENCHMARK_ACTIONS)
    labelled = {p.stem.rpartition("_")[0] for p in (real / "phase_labels").glob("*.json")}
    assert {"golf_swing", "pushups"} <= labelled
    assert set(report.index.actions) == set(BENCHMARK_ACTIONS)
    sizes = {
        (action, split): sum(
            (e.action, e.split, e.labelled) == (action, split, True) for e in report.index.sequences
        )
        for action in (
            "baseball_swing",
            "golf_swing",
            "jumping_jacks",
            "pushups",
            "tennis_forehand",
        )
        for split in ("train", "val")
    }
    assert list(sizes.values()) == [113, 57, 87, 77, 56, 56, 102, 106, 79, 74]
    assert report.skipped == {} and len(report.index.sequences) == 2150
    expected = {
        "videos": 2150,
        "videos of other actions, left out": 176,
        "frames": 155_993,
        "invisible joints": 443_046,
        "absent joints": 161_858,
        "videos whose absent joints were scaled": 69,
        "frames without a visible joint": 177,
        "videos with such frames": 15,
        "frames with every joint absent": 2,
        "videos with integer coordinates": 128,
        "videos with a short bbox": 2,
        "videos whose label file names another split": 0,
    }
    assert {name: report.counts[name] for name in expected} == expected
    for entry in report.index.sequences:
        sequence = read(tmp_path, entry.id)
        x, y = np.moveaxis(sequence.keypoints, -1, 0)
        occluded = sequence.scores == 0.5
        # What is left of the invisible joints is none that was put into the corner.
        assert not (occluded & (x < 10) & (y < 10)).any(), entry.id
    for file in (real / "phase_labels").glob("*.json"):
        action, _, split = file.stem.rpartition("_")
        order = [
            e.id for e in report.index.sequences
            if (e.action, e.split, e.labelled) == (action, split, True)
        ]  # fmt: skip
        assert order == list(read_phase_labels(file))
        for video in order:
            labels = read(tmp_path, video).labels
            assert labels[0] == 0 and set(np.diff(labels)) <= {0, 1}


@pytest.mark.slow
def test_the_short_label_file_of_video_0412_cuts_it(real, tmp_path):
    src = tmp_path / "src"
    (src / "labels").mkdir(parents=True)
    (src / "labels" / "0412.mat").symlink_to(real / "labels" / "0412.mat")
    write_phases(src, "bench_press_train", v0412=[0] * 12 + [1] * 11)
    report = convert(src, tmp_path / "out")
    assert report.notes == ["video 0412: 39 frames, 23 labels; cut to 23"]
    assert read(tmp_path / "out", "0412").num_frames == 23


@pytest.mark.slow
def test_right_and_left_agree_with_the_viewpoint(real):
    """From the front a person's right shoulder and hip are left in the image, from behind right.

    Only of actions in which people do not turn away from the side the annotation names.
    """
    steady = {"front": ("clean_and_jerk", "jumping_jacks", "pullups", "squats")}
    steady["back"] = ("bowling", "pullups", "squats")
    shares = {"front": [], "back": []}
    for path in sorted((real / "labels").glob("*.mat"))[::2]:
        annotation = read_annotation(path)
        if annotation.action in steady.get(annotation.viewpoint, ()):
            for right, left in ((1, 2), (7, 8)):
                both = annotation.visible[:, right] & annotation.visible[:, left]
                x = annotation.xy[both][..., 0]
                shares[annotation.viewpoint] += list(x[:, right] < x[:, left])
    assert len(shares["front"]) > 5000 and len(shares["back"]) > 5000
    assert np.mean(shares["front"]) > 0.98
    assert np.mean(shares["back"]) < 0.02
