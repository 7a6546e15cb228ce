"""Inputs of kinds that went wrong once, one folder each; what is right stands in their README.

They lie in ``cases`` beside the folder that ``MMALIGN_DATA`` names. ``python -m
tests.formats.test_cases`` runs each and prints RIGHT or WRONG.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest

from mmalign.errors import InputError
from mmalign.extraction.extractor import PoseExtractor
from mmalign.extraction.people_sources import FilePeople
from mmalign.extraction.sequences import Choice
from mmalign.formats.catalogue import format_options, get_format
from mmalign.formats.convert import convert
from mmalign.poses.pose_file import read_pose_file

CASES = Path(os.environ.get("MMALIGN_DATA", "/nowhere")).parent / "cases"


def converted(case, format_name, *options, file=""):
    """The sequences of a conversion, its index and its report."""
    source = CASES / case
    files = (path for path in sorted(source.iterdir()) if path.name != "README")
    source = source / file if file else next(files)
    with tempfile.TemporaryDirectory() as out:
        reader = get_format(format_name)(source, **format_options(format_name, [*options]))
        report = convert(reader, out)
        entries = report.index.sequences
        return [read_pose_file(Path(out, entry.file)) for entry in entries], report


def extracted(case, format_name, *options):
    folder = CASES / case
    poses = next(p for p in folder.iterdir() if p.suffix in (".json", ".csv"))
    people = FilePeople(poses, format_name, format_options(format_name, [*options]))
    return PoseExtractor(people, Choice(repair=False))(folder / "clip.mp4").sequences[0]


def x_range(sequence):
    x = sequence.keypoints[..., 0][sequence.scores > 0]
    return round(float(x.min())), round(float(x.max()))


def largest_step(sequence):
    there = (sequence.scores[1:] > 0) & (sequence.scores[:-1] > 0)
    steps = np.linalg.norm(np.diff(sequence.keypoints, axis=0), axis=-1)[there]
    return float(steps.max())


def is_coco(sequence, frames, low=219, high=382):
    assert (sequence.skeleton, sequence.num_frames) == ("coco17", frames)
    found = x_range(sequence)
    assert abs(found[0] - low) <= 3 and abs(found[1] - high) <= 3, found


def array_movenet():
    options = ["--frame-size", "1280x720", "--order", "yx", "--coordinates", "shares"]
    (one,), _ = converted("array_movenet", "npz", *options)
    is_coco(one, 12)
    y = one.keypoints[..., 1][one.scores > 0]
    assert 305 < y.min() < 312 and 597 < y.max() < 604


def array_xyz_is_no_score():
    with pytest.raises(InputError, match="3D"):
        converted("array_xyz_is_no_score", "npz")


def clock_alphapose_late_person():
    one = extracted("clock_alphapose_late_person", "alphapose")
    assert np.flatnonzero(one.scores.any(axis=1)).tolist() == [*range(31, 43)]
    assert one.num_frames == 50


def clock_fewer_rows_than_pictures():
    with pytest.raises(InputError, match="50 pictures, but 40 frames without numbers"):
        extracted("clock_fewer_rows_than_pictures", "mediapipe", "--frame-size", "96x64")


def clock_sync_late_person():
    folder = CASES / "clock_sync_late_person"
    with tempfile.TemporaryDirectory() as out:
        arguments = [folder / "camA.json", folder / "camB.json", "--format", "alphapose"]
        text = subprocess.run(
            [sys.executable, "-m", "mmalign.cli.sync", *arguments, "--out", out, "--no-video"],
            capture_output=True,
            text=True,
        ).stdout
    assert "camB: starts at 0.0000 s" in text or "camB: starts at -0.0000 s" in text, text


def format_yolo_txt():
    (one,), _ = converted(
        "format_yolo_txt", "ultralytics", "--frame-size", "1280x720", file="labels"
    )
    is_coco(one, 6)
    assert one.scores.any(axis=1).tolist() == [True, True, False, True, True, True]


def json_bom():
    (one,), _ = converted("json_bom", "openpose")
    assert one.num_frames == 6


def json_coco_text_ids():
    is_coco(converted("json_coco_text_ids", "coco_keypoints")[0][0], 6)


def json_coco_two_categories():
    is_coco(converted("json_coco_two_categories", "coco_keypoints")[0][0], 6)


def json_mmpose_first_image_empty():
    (one,), _ = converted("json_mmpose_first_image_empty", "mmpose")
    is_coco(one, 6)
    assert one.scores.any(axis=1).tolist() == [False] + [True] * 5


def names_alphapose_time():
    (one,), _ = converted("names_alphapose_time", "alphapose")
    assert one.num_frames == 24 and largest_step(one) < 15


def names_coco_backslash():
    found, _ = converted("names_coco_backslash", "coco_keypoints")
    assert [one.num_frames for one in found] == [6, 6]


def names_coco_hash():
    (one,), _ = converted("names_coco_hash", "coco_keypoints")
    assert largest_step(one) < 25


def names_openpose_time():
    (one,), _ = converted("names_openpose_time", "openpose")
    assert one.num_frames == 12 and one.scores.any(axis=1).all()


def pickle_single_video():
    found, report = converted("pickle_single_video", "mmaction")
    assert [entry.id for entry in report.index.sequences] == ["vid"] and len(found) == 1


def pickle_train_val_test():
    def splits(*options):
        _, report = converted("pickle_train_val_test", "mmaction", *options)
        return {entry.id: entry.split for entry in report.index.sequences}

    assert splits() == {"a": "train", "b": "val"}
    assert splits("--val-split", "test") == {"a": "train", "c": "val"}
    assert splits("--train-split", "train", "val") == {"a": "train", "b": "train", "c": "val"}


def table_L_pixels():
    (one,), _ = converted("table_L_pixels", "mediapipe")
    assert one.skeleton == "mediapipe33" and one.keypoints.max() > 10


def table_deeplabcut():
    is_coco(converted("table_deeplabcut", "csv")[0][0], 6)


def table_dotted_names():
    is_coco(converted("table_dotted_names", "csv")[0][0], 6)


def table_long17_is_no_hand():
    (one,), _ = converted("table_long17_is_no_hand", "csv", "--frame-size", "1280x720")
    assert one.skeleton == "coco17"


def table_long_landmarkid():
    (one,), _ = converted("table_long_landmarkid", "mediapipe", "--frame-size", "1280x720")
    assert (one.skeleton, one.num_frames) == ("mediapipe33", 3)


def table_long_pixels_missing():
    (one,), _ = converted("table_long_pixels_missing", "csv", "--skeleton", "openpose18")
    assert one.skeleton == "openpose18" and (one.scores == 0).any()


def table_named_shares():
    (one,), _ = converted("table_named_shares", "mediapipe", "--frame-size", "1280x720")
    assert one.skeleton == "mediapipe33" and 215 < x_range(one)[0] and x_range(one)[1] < 388


def table_numbered_pixels():
    is_coco(converted("table_numbered_pixels", "csv", "--skeleton", "coco17")[0][0], 12)


def table_semicolon():
    assert converted("table_semicolon", "csv")[0][0].num_frames > 2


def table_tab_utf16():
    assert converted("table_tab_utf16", "csv")[0][0].num_frames > 2


def table_text_phase():
    (one,), report = converted("table_text_phase", "mediapipe", "--frame-size", "1280x720")
    assert one.labels.tolist() == [0, 0, 0, 1, 1, 1]
    (facts,) = report.index.actions.values()
    assert facts["phases"] == ["Backswing", "Downswing"]


def table_time_column():
    assert converted("table_time_column", "csv")[0][0].fps == 60


def video_mirrored_matrix():
    from mmalign.video.reader import VideoReader

    with VideoReader(CASES / "video_mirrored_matrix/selfie.mp4") as video:
        picture = np.asarray(video.picture(0))
    y, x = np.nonzero(picture.mean(axis=-1) > 128)
    assert x.min() >= 60 and y.max() < 20


def _two_people(case, format_name):
    (one,), report = converted(case, format_name)
    low, high = x_range(one)
    assert 215 < low and high < 388, (low, high)
    assert any("one id for several people" in name for name in report.counts), report.counts


def who_alphapose_untracked():
    _two_people("who_alphapose_untracked", "alphapose")


def who_coco_same_track():
    _two_people("who_coco_same_track", "coco_keypoints")


def who_openpose_same_id():
    _two_people("who_openpose_same_id", "openpose")


@pytest.mark.skipif(not CASES.is_dir(), reason="the folder of cases is not there")
@pytest.mark.parametrize("case", sorted(p.name for p in CASES.glob("*/")) or [""])
def test_case(case):
    globals()[case]()


if __name__ == "__main__":
    for folder in sorted(CASES.glob("*/")):
        try:
            globals()[folder.name]()
            print(f"RIGHT {folder.name}")
        except (Exception, pytest.fail.Exception) as error:
            print(f"WRONG {folder.name}: {type(error).__name__}: {str(error)[:150]!r}")
