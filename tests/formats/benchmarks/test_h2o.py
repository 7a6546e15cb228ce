import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mmalign.errors import InputError
from mmalign.formats.base import ConversionReport
from mmalign.formats.benchmarks.h2o import H2OReader
from mmalign.formats.benchmarks.h2o_files import (
    ACTIONS,
    action_number,
    read_action_file,
    read_hand_pose,
    read_intrinsics,
)
from mmalign.formats.convert import convert
from mmalign.poses.pose_file import read_pose_file
from mmalign.poses.pose_index import PoseIndex

HEADER = "id path action_label start_act end_act start_frame end_frame\n"
INTRINSICS = (600.0, 610.0, 640.0, 360.0, 1280, 720)


def write_take(src, take, frames, camera="cam4", flags=(1, 1), seed=0):
    """Hands half a metre to a metre before the camera; returns ``(T, 42, 3)``."""
    folder = src / take / camera
    (folder / "hand_pose").mkdir(parents=True)
    (folder / "cam_intrinsics.txt").write_text(" ".join(map(str, INTRINSICS)))
    points = np.random.default_rng(seed).uniform(-0.3, 0.3, (frames, 42, 3)) + [0, 0, 0.75]
    for t, (left, right) in enumerate(points.reshape(frames, 2, 63).tolist()):
        numbers = [flags[0], *left, flags[1], *right]
        (folder / "hand_pose" / f"{t:06d}.txt").write_text(" ".join(map(repr, numbers)) + "\n")
    return points


def write_actions(src, train=(), val=()):
    (src / "action_labels").mkdir(parents=True, exist_ok=True)
    for split, rows in (("train", train), ("val", val)):
        text = HEADER + "".join(f"{i} {row}\n" for i, row in enumerate(rows, 1))
        (src / "action_labels" / f"action_{split}.txt").write_text(text)


def write_record(path, labels):
    path.parent.mkdir(exist_ok=True)
    record = {key: {"labels": np.array(value)} for key, value in labels.items()}
    np.save(path, np.array(record, dtype=object), allow_pickle=True)
    return str(path)


@pytest.fixture
def src(tmp_path):
    src = tmp_path / "h2o"
    write_actions(
        src,
        ["subject1/h1/1 5 1 2 0 5", "subject1/h1/1 23 3 4 0 5", "subject1/h1/0 1 0 3 0 3"],
        ["subject3/k2/1 23 1 3 1 4"],
    )
    return src


def data():
    root = os.environ.get("MMALIGN_DATA")
    if root is None or not Path(root, "h2o").is_dir():
        pytest.skip("needs H2O's action files: set MMALIGN_DATA to the folder that holds h2o/")
    return Path(root, "h2o")


def test_real_action_files_have_the_counts_of_an_independent_count():
    # awk 'FNR > 1 && $3 == 23' and the like on the three files.
    rows = {s: read_action_file(data() / f"action_{s}.txt") for s in ("train", "val", "test")}
    assert {split: len(of_split) for split, of_split in rows.items()} == {
        "train": 569,
        "val": 122,
        "test": 242,
    }
    labels = [row.label for row in rows["train"] + rows["val"]]
    assert labels.count(23) == 18 and min(labels) == 1 and max(labels) == 36
    assert {row.label for row in rows["test"]} == {None}
    assert len({row.take for row in rows["test"]}) == 46
    first = rows["train"][0]
    assert (first.take, first.label, first.segment, first.extent) == (
        "subject1/h1/0",
        16,
        (0, 61),
        (0, 449),
    )


def test_pour_milk_is_action_23_of_15_training_and_3_validation_takes():
    readme = (data() / "DATASET_README.md").read_text()
    for number, name in enumerate(ACTIONS[1:], 1):
        words = name.replace("_", " ")
        assert f"\n{number} {words} <br>" in readme
    reader = H2OReader(data())
    splits = [take.split for take in reader.items()]
    assert (splits.count("train"), splits.count("val"), reader.unlabelled_takes) == (15, 3, 46)
    assert action_number("23") == action_number("pour milk") == 23


def test_takes_are_projected_by_the_cameras_intrinsics(src, tmp_path):
    points = write_take(src, "subject1/h1/1", 6)
    write_take(src, "subject3/k2/1", 6)
    report = convert(H2OReader(src), tmp_path / "out")
    assert [(e.id, e.split, e.num_frames) for e in report.index.sequences] == [
        ("subject1_h1_1_cam4", "train", 6),
        ("subject3_k2_1_cam4", "val", 4),
    ]
    sequence = read_pose_file(tmp_path / "out" / report.index.sequences[0].file)
    fx, fy, cx, cy, width, height = INTRINSICS
    for t in range(6):
        for k in range(42):
            x, y, z = points[t, k]
            expected = (fx * x / z + cx, fy * y / z + cy)
            np.testing.assert_allclose(sequence.keypoints[t, k], expected, atol=1e-3)
    np.testing.assert_allclose(sequence.keypoints3d, points, atol=1e-6)
    assert (sequence.frame_size, sequence.fps) == ((height, width), 30.0)
    assert sequence.labels is None and (sequence.scores == 1).all()
    assert not report.notes


def test_orthographic_projection_forgets_depth(src):
    points = write_take(src, "subject1/h1/1", 6)
    write_take(src, "subject3/k2/1", 6)
    reader = H2OReader(src, projection="orthographic")
    sequence = read_one(reader)
    expected = points[..., :2] * [600, 610] / np.median(points[..., 2]) + [640, 360]
    np.testing.assert_allclose(sequence.keypoints, expected, atol=1e-3)


def read_one(reader):
    report = ConversionReport(PoseIndex("hands42", ""))
    (clip,) = reader.read(reader.items()[0], report)
    return clip.sequence


def test_absent_hands_missing_frames_and_joints_behind_the_camera_have_score_0(src, tmp_path):
    write_take(src, "subject1/h1/1", 6, flags=(0, 1))
    write_take(src, "subject3/k2/1", 4)  # its last frame, 4, has no file
    behind = src / "subject3/k2/1/cam4/hand_pose/000001.txt"
    numbers = behind.read_text().split()
    numbers[3] = "-0.5"
    behind.write_text(" ".join(numbers))
    report = convert(H2OReader(src), tmp_path / "out")
    first, second = (read_pose_file(tmp_path / "out" / e.file) for e in report.index.sequences)
    assert (first.scores[:, :21] == 0).all() and (first.scores[:, 21:] == 1).all()
    assert (second.scores[-1] == 0).all() and second.scores[0, 0] == 0 and second.scores[0, 1] == 1
    assert (second.keypoints3d[0, 0] == 0).all()
    assert report.counts["frames without a file"] == 1
    assert report.counts["absent hands"] == 6 + 2
    assert report.counts["joints behind the camera"] == 1


def test_a_record_gives_takes_split_phases_and_camera(src, tmp_path):
    write_take(src, "subject1/h1/1", 6)
    write_take(src, "subject4/o1/2", 3, camera="cam2")
    records = [
        write_record(tmp_path / "r" / "pouring_milk_train.npy", {"subject4_o1_2_cam2": [0, 1, 9]}),
        write_record(
            tmp_path / "r" / "pouring_milk_val.npy", {"subject1/h1/1": [0, 0, 1, 1, 2, 2]}
        ),
    ]
    report = convert(H2OReader(src, casa_record=records), tmp_path / "out")
    assert [(e.id, e.split) for e in report.index.sequences] == [
        ("subject4_o1_2_cam2", "train"),
        ("subject1_h1_1_cam4", "val"),
    ]
    assert len(report.index.actions["pour_milk"]["phases"]) == 10
    labels = read_pose_file(tmp_path / "out" / report.index.sequences[1].file).labels
    assert labels.tolist() == [0, 0, 1, 1, 2, 2]


def test_takes_whose_action_is_not_public_are_reported(src, tmp_path):
    write_take(src, "subject1/h1/1", 6)
    write_take(src, "subject3/k2/1", 6)
    text = "id path start_act end_act start_frame end_frame\n1 subject4/h1/0 0 3 0 9\n"
    (src / "action_labels/action_test.txt").write_text(text)
    report = convert(H2OReader(src), tmp_path / "out")
    assert report.notes == [
        "1 takes of action_test.txt were left out: it does not say which actions they show"
    ]


def test_folders_named_after_the_download_are_found(src, tmp_path):
    write_take(src, "subject1_ego/h1/1", 6)
    write_take(src, "subject3/k2/1", 6)
    assert len(convert(H2OReader(src), tmp_path / "out").index.sequences) == 2


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: (s / "cam_intrinsics.txt").write_text("600 600"), "found 2 numbers"),
        (lambda s: (s / "cam_intrinsics.txt").unlink(), "cam_intrinsics.txt: cannot be read"),
        (lambda s: (s / "hand_pose/000002.txt").write_text("1 2 3"), "found 3 numbers.*128"),
        (lambda s: (s / "hand_pose/000002.txt").write_text("one"), "000002.txt: cannot be read"),
        (lambda s: (s / "hand_pose/000002.txt").write_text("2 " * 128), "flags.*expected 0 or 1"),
        (lambda s: (s / "hand_pose/000002.txt").write_text("1 " + "nan " * 127), "flags"),
        (lambda s: [p.unlink() for p in s.glob("hand_pose/*")], "no hand_pose/NNNNNN.txt"),
        (lambda s: s.rename(s.parent / "cam1"), "no hand_pose.*--camera"),
        (lambda s: s.parent.rename(s.parent.parent / "9"), "subject1/h1/1: no such folder"),
    ],
)
def test_damaged_takes_are_one_line(src, tmp_path, change, message):
    write_take(src, "subject1/h1/1", 6)
    write_take(src, "subject3/k2/1", 6)
    change(src / "subject1/h1/1/cam4")
    with pytest.raises(InputError, match=message) as caught:
        convert(H2OReader(src), tmp_path / "out")
    assert "\n" not in str(caught.value) and "subject1/h1/1" in str(caught.value)
    report = convert(H2OReader(src), tmp_path / "out", on_error="skip")
    assert list(report.skipped) == ["subject1/h1/1"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"camera": "cam9"}, "camera 'cam9'.*cam0"),
        ({"projection": "x"}, "projection 'x'"),
        ({"action": "juggle"}, "action 'juggle': unknown"),
        ({"action": "99"}, "action '99': unknown"),
        ({"action": "read_book"}, "read_book is in no take"),
        ({"action_labels": "nowhere"}, "nowhere: holds no action_train.txt"),
        ({"casa_record": ["missing_train.npy"]}, "missing_train.npy: no such file"),
        ({"casa_record": ["x.npy"]}, "x.npy: expected a name like"),
    ],
)
def test_wrong_options_are_one_line(src, options, message):
    with pytest.raises(InputError, match=message) as caught:
        H2OReader(src, **options)
    assert "\n" not in str(caught.value)


def test_labels_that_do_not_fit_the_frames_are_refused(src, tmp_path):
    write_take(src, "subject1/h1/1", 6)
    record = write_record(tmp_path / "r" / "a_train.npy", {"subject1/h1/1": [0, 1]})
    with pytest.raises(InputError, match="the record has 2 labels, there are 6 frames"):
        convert(H2OReader(src, casa_record=[record]), tmp_path / "out")
    record = write_record(tmp_path / "r" / "b_train.npy", {"0017": [0, 1]})
    with pytest.raises(InputError, match="a video is called '0017'"):
        H2OReader(src, casa_record=[record])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "columns none"),
        ("a b c\n1 2 3\n", "columns a, b, c"),
        (HEADER + "1 subject1/h1/0 99 0 1 0 2\n", "action_label is 99"),
        (HEADER + "1 subject1/h1/0 5 x 1 0 2\n", "line 2: .*expected whole numbers"),
        (HEADER + "1 subject1/h1/0 5 1\n", "line 2: .*expected whole numbers"),
        (HEADER + "1 subject1/h1/0 5 3 9 0 5\n", "frames 3 to 9 of 0 to 5"),
        (HEADER + "1 subject1/h1/0 5 0 1 0 99999999999\n", "expected a part"),
    ],
)
def test_damaged_action_files_are_one_line(tmp_path, text, message):
    (tmp_path / "action_train.txt").write_text(text)
    with pytest.raises(InputError, match=message) as caught:
        read_action_file(tmp_path / "action_train.txt")
    assert "\n" not in str(caught.value)


numbers = st.one_of(
    st.floats(), st.integers(-2, 2), st.sampled_from(["1e400", "nan", "-", "٣", "1_0", "0x1"])
)


@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(numbers, max_size=132), st.binary(max_size=40), st.integers(0, 3))
def test_fuzzed_files_give_numbers_or_one_line(tmp_path, values, junk, kind):
    path = tmp_path / "000000.txt"
    text = " ".join(map(str, values))
    path.write_bytes(junk if kind == 0 else text.encode())
    for read in (read_hand_pose, read_intrinsics, read_action_file):
        try:
            read(path)
        except InputError as error:
            assert "\n" not in str(error) and str(path) in str(error)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([0.25, -7.5, 1e5, 1e6, -1e9, np.nan, np.inf]),
    st.integers(0, 125),
    st.tuples(st.booleans(), st.booleans()),
)
def test_hand_poses_keep_what_is_annotated(tmp_path_factory, odd, place, flags):
    path = tmp_path_factory.getbasetemp() / "000000.txt"
    values = np.linspace(-1, 1, 126)
    values[place] = odd
    hands = values.reshape(2, 63)
    text = [[int(flag), *hand] for flag, hand in zip(flags, hands.tolist(), strict=True)]
    path.write_text(" ".join(map(str, text[0] + text[1])))
    if flags[place // 63] and not abs(odd) < 1e6:
        with pytest.raises(InputError, match="no position in metres"):
            read_hand_pose(path)
        return
    expected = np.where(np.array(flags)[:, None], hands, np.nan).reshape(42, 3)
    np.testing.assert_array_equal(read_hand_pose(path), expected)
