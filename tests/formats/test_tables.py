"""One motion, written as every kind of table that people's programs write, is read back."""

import numpy as np
import pytest

from mmalign.errors import InputError
from mmalign.formats.catalogue import get_format
from mmalign.formats.convert import convert
from mmalign.poses.pose_file import read_pose_file
from mmalign.skeletons import get_skeleton
from tests.fixtures.keypoint_tables import (
    SPELLINGS,
    T,
    assert_is,
    deeplabcut,
    in_shares,
    long,
    motion,
    read,
    wide,
    write,
)


@pytest.mark.parametrize("format_name", ["csv", "mediapipe"])
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_columns_of_any_spelling(spelling, format_name, tmp_path):
    for skeleton in ("coco17", "mediapipe33"):
        poses = motion(skeleton)
        path = write(tmp_path, wide(poses, SPELLINGS[spelling]))
        sequence, report, reader = read(format_name, path)
        assert reader.skeleton == skeleton and not any("not used" in n for n in report.notes)
        assert_is(sequence, poses)
        path = write(tmp_path, wide(in_shares(poses), SPELLINGS[spelling]))
        assert_is(read(format_name, path, frame_size="1280x720")[0], poses)
        with pytest.raises(InputError, match="shares of the frame.*--frame-size WxH"):
            read(format_name, path)


@pytest.mark.parametrize(
    "score", ["score", "prob", "conf", "confidence", "likelihood", "visibility", "c", "v"]
)
def test_scores_of_any_name_or_none(score, tmp_path):
    poses = motion("coco17")
    assert_is(read("csv", write(tmp_path, wide(poses, SPELLINGS["name_x"], score=score)))[0], poses)
    path = write(tmp_path, wide(poses, SPELLINGS["name_x"], score=None, absent=0))
    assert_is(read("csv", path)[0], poses, scored=False)


@pytest.mark.parametrize("absent", ["", " ", "nan", "NaN", "None", "null", "NA", "inf"])
def test_cells_of_absent_joints(absent, tmp_path):
    poses = motion("coco17")
    assert_is(read("csv", write(tmp_path, wide(poses, SPELLINGS["x_0"], absent=absent)))[0], poses)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("decimal", [".", ","])
def test_separators_encodings_and_decimal_commas(separator, encoding, decimal, tmp_path):
    if decimal == separator:
        return
    poses = motion("coco17")
    rows = wide(poses, SPELLINGS["name_x"])
    rows[1:] = [[str(cell).replace(".", decimal) for cell in row] for row in rows[1:]]
    assert_is(read("csv", write(tmp_path, rows, separator, encoding))[0], poses)
    if encoding == "utf-8":
        path = write(tmp_path, rows, separator)
        path.write_text(f"sep={separator}\n" + path.read_text())
        assert_is(read("csv", path)[0], poses)


LONG = {
    "landmark": ["frame", "landmark", "x", "y", "visibility"],
    "LandmarkID": ["Frame", "LandmarkID", "X", "Y", "Score"],
    "keypoint": ["frame_no", "keypoint", "x", "y", "conf"],
    "landmark_index": ["frame_idx", "landmark_index", "x", "y", "likelihood"],
}


@pytest.mark.parametrize("format_name", ["csv", "mediapipe"])
@pytest.mark.parametrize("header", LONG)
@pytest.mark.parametrize("skeleton", ["coco17", "mediapipe33", "body25", "hand21"])
def test_a_row_per_joint(header, skeleton, format_name, tmp_path):
    poses = motion(skeleton)
    path = write(tmp_path, long(in_shares(poses), LONG[header]))
    options = {"skeleton": skeleton} if skeleton == "body25" else {}
    sequence, _, reader = read(format_name, path, frame_size="1280x720", **options)
    assert reader.skeleton == skeleton
    # MediaPipe gives hands no visibility.
    assert_is(sequence, poses, scored=(skeleton, format_name) != ("hand21", "mediapipe"))
    names = get_skeleton(skeleton).joints
    path = write(tmp_path, long(poses, LONG[header], lambda i: names[i].upper()))
    sequence, _, reader = read(format_name, path)
    assert reader.skeleton == skeleton


def test_17_landmarks_are_no_hand_and_fewer_than_21_ask_for_the_skeleton(tmp_path):
    poses = in_shares(motion("coco17"))
    path = write(tmp_path, long(poses, LONG["landmark"]))
    assert read("mediapipe", path, frame_size="9x9")[2].skeleton == "coco17"
    path = write(tmp_path, long(poses[:, :15], LONG["landmark"]))
    with pytest.raises(InputError, match=r"15 joints numbered from 0 to 14.*--skeleton"):
        read("mediapipe", path, frame_size="9x9")
    sequence = read("mediapipe", path, frame_size="9x9", skeleton="hand21")[0]
    assert not sequence.scores[:, 15:].any()
    # MediaPipe's upper body, as it was always read.
    path = write(tmp_path, long(in_shares(motion("mediapipe33"))[:, :25], LONG["landmark"]))
    assert read("mediapipe", path, frame_size="9x9")[2].skeleton == "mediapipe33"


def test_numbers_with_gaps_need_a_skeleton_and_are_not_shifted(tmp_path):
    poses = motion("openpose18")
    poses[:, 0] = 0
    path = write(tmp_path, long(poses, LONG["keypoint"]))
    with pytest.raises(InputError, match=r"17 joints numbered from 1 to 17.*--skeleton"):
        read("csv", path)
    assert_is(read("csv", path, skeleton="openpose18")[0], poses)


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("index", [True, False])
def test_header_rows_of_deeplabcut_and_sleap(named, index, tmp_path):
    poses = motion("coco17")
    path = write(tmp_path, deeplabcut(poses, named=named, index=index))
    assert_is(read("csv", path)[0], poses)
    other = poses + np.where(poses[..., 2:] > 0, [300, 0, 0], 0)
    both = np.stack([poses, other], axis=1)
    path = write(tmp_path, deeplabcut(both, ["mouse", "rat"], named, index))
    for track, expected in ((0, poses), (1, other)):
        sequence, report, _ = read("csv", path, person=f"track:{track}")
        assert_is(sequence, expected)
    assert "people were numbered: 0 is mouse, 1 is rat" in report.notes


def test_sleap_with_one_header_row(tmp_path):
    poses = motion("coco17")
    extra = {"track": [""] * T, "frame_idx": range(10, 10 + T), "instance.score": [0.5] * T}
    path = write(tmp_path, wide(poses, lambda i, j, a: f"{j}.{a}", extra))
    sequence, report, _ = read("csv", path, first_frame=10)
    assert_is(sequence, poses)
    assert read("csv", path)[0].num_frames == 10 + T  # Numbers are kept unless it is said.
    assert report.notes == ["columns that were not used: instance.score"]


def test_mediapipe_names_of_a_hand(tmp_path):
    parts = ["CMC MCP IP TIP", *["MCP PIP DIP TIP"] * 4]
    fingers = ["THUMB", "INDEX_FINGER", "MIDDLE_FINGER", "RING_FINGER", "PINKY"]
    names = ["WRIST"]
    names += [f"{f}_{part}" for f, p in zip(fingers, parts, strict=True) for part in p.split()]
    poses = motion("hand21")
    path = write(tmp_path, wide(poses, lambda i, j, a: f"{names[i]}_{a}"))
    sequence, _, reader = read("csv", path)
    assert reader.skeleton == "hand21"
    assert_is(sequence, poses)


def test_people_by_name_and_rows_without_a_person_column(tmp_path):
    poses = motion("coco17")
    first = wide(poses, SPELLINGS["name_x"], {"frame": range(T), "person_id": ["ann"] * T})
    other = poses + np.where(poses[..., 2:] > 0, [500, 0, 0], 0)
    second = wide(other, SPELLINGS["name_x"], {"frame": range(T), "person_id": ["bob"] * T})
    path = write(tmp_path, [*first, *second[1:]])
    assert_is(read("csv", path, person="track:1")[0], other)
    path = write(tmp_path, [[row[0], *row[2:]] for row in [*first, *second[1:]]])
    assert_is(read("csv", path, person="position:900,400")[0], other)


def test_named_phases_get_one_number_in_all_clips(tmp_path):
    poses, src = motion("coco17"), tmp_path / "src"
    src.mkdir()
    for name, phases in (("a", "up up down down down"), ("b", "down down up hold hold")):
        extra = {"frame": range(T), "Phase": phases.split()}
        write(src, wide(poses, SPELLINGS["name_x"], extra), name=f"{name}.csv")
    report = convert(get_format("csv")(src, action="squat"), tmp_path / "out")
    assert report.index.actions == {"squat": {"phases": ["up", "down", "hold"]}}
    labels = [read_pose_file(tmp_path / f"out/poses/{n}.npz").labels.tolist() for n in "ab"]
    assert labels == [[0, 0, 1, 1, 1], [1, 1, 0, 2, 2]]


def test_what_was_not_used_is_said_once_for_all_clips(tmp_path):
    poses, src = motion("coco17"), tmp_path / "src"
    src.mkdir()
    extra = {"frame": range(T), "camera": ["left"] * T, "nose_z": [0] * T}
    for name in "abc":
        write(src, wide(poses, SPELLINGS["name_x"], extra), name=f"{name}.csv")
    report = convert(get_format("csv")(src), tmp_path / "out")
    assert report.notes == ["columns that were not used: camera, nose_z"]


def test_more_joints_than_the_skeleton_has(tmp_path):
    poses = motion("coco17")
    rows = wide(poses, SPELLINGS["name_x"])
    rows = [
        [*row, *more] for row, more in zip(rows, [["tail_x", "tail_y"], *[[1, 2]] * T], strict=True)
    ]
    path = write(tmp_path, rows)
    with pytest.raises(InputError, match=r"nearest is coco17 \(17 of its 17 joints, not tail\)"):
        read("csv", path)
    sequence, report, _ = read("csv", path, skeleton="coco17")
    assert_is(sequence, poses)
    assert report.notes == ["columns that were not used: tail_x, tail_y"]
    # A name that could be a misspelt joint is no matter of a note.
    rows[0] = [name.replace("left_knee", "left_kne") for name in rows[0]]
    with pytest.raises(InputError, match="found 'left_kne'"):
        read("csv", write(tmp_path, rows), skeleton="coco17")


def test_coordinates_can_be_said(tmp_path):
    poses = motion("coco17")
    path = write(tmp_path, wide(in_shares(poses), SPELLINGS["name_x"]))
    size = {"frame_size": "1280x720"}
    said = read("csv", path, coordinates="pixels", **size)[0]
    assert said.keypoints.max() < 2
    path = write(tmp_path, wide(poses, SPELLINGS["name_x"]))
    with pytest.raises(InputError, match="expected shares of the frame from 0 to 1"):
        read("csv", path, coordinates="shares", **size)
    with pytest.raises(InputError, match="--coordinates 'cm'"):
        read("csv", path, coordinates="cm")


def test_a_box_beside_numbered_joints_is_not_used(tmp_path):
    poses = motion("coco17")
    box = {"frame": range(T), "x_min": [1] * T, "y_min": [2] * T, "PoseLandmark": [3] * T}
    path = write(tmp_path, wide(poses, SPELLINGS["x_0"], box))
    for options in ({}, {"skeleton": "coco17"}):
        sequence, report, _ = read("csv", path, **options)
        assert_is(sequence, poses)
        assert report.notes == ["columns that were not used: x_min, y_min, PoseLandmark"]


def test_names_as_python_writes_mediapipes(tmp_path):
    poses = motion("mediapipe33")
    names = [joint.upper() for joint in get_skeleton("mediapipe33").joints]
    path = write(tmp_path, long(poses, LONG["landmark"], lambda i: f"PoseLandmark.{names[i]}"))
    assert_is(read("csv", path)[0], poses)


def test_names_of_columns_and_people_stay_on_one_line(tmp_path):
    extra = {"frame": range(T), "a\nb" * 90: [1] * T, "person": ["x\ny" * 20] * T}
    path = write(tmp_path, wide(motion("coco17"), SPELLINGS["name_x"], extra))
    _, report, _ = read("csv", path)
    assert len(report.notes) == 2 and all("\n" not in n and len(n) < 200 for n in report.notes)
