"""Names, splits, actions and phases of the videos in files and folders."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mmalign.errors import InputError
from mmalign.extraction.annotations import Annotations, VideoAnnotation, read_annotations
from mmalign.extraction.jobs import Placement, list_jobs


def tree(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return root


def test_folders_say_split_and_action(tmp_path: Path) -> None:
    names = ["train/squat/v10.mp4", "train/squat/v9.MOV", "val/x.avi", "golf/y.webm", "z.mkv"]
    root = tree(tmp_path / "videos", *names, "notes.txt", ".hidden.mp4")
    jobs = list_jobs([root, tmp_path / "other.bin"])
    assert [(j.id, j.name, j.split, j.action) for j in jobs] == [
        ("golf_y", "golf/y.webm", "train", "golf"),
        ("train_squat_v9", "train/squat/v9.MOV", "train", "squat"),
        ("train_squat_v10", "train/squat/v10.mp4", "train", "squat"),
        ("val_x", "val/x.avi", "val", "activity"),
        ("z", "z.mkv", "train", "activity"),
        ("other", "other.bin", "train", "activity"),
    ]
    assert jobs[0].path == root / "golf/y.webm"


def test_equal_stems_are_told_apart(tmp_path: Path) -> None:
    root = tree(tmp_path, "a.mp4", "a.mov", "b c!.mp4")
    assert [job.id for job in list_jobs([root])] == ["a.mov", "a.mp4", "b_c_"]
    tree(tmp_path, "one/a.mp4", "two/a.mp4")
    with pytest.raises(InputError, match=r"one/a\.mp4 and .*two/a\.mp4.*'a\.mp4'.*common folder"):
        list_jobs([tmp_path / "one", tmp_path / "two"])


def test_a_share_is_held_out_evenly(tmp_path: Path) -> None:
    root = tree(tmp_path, *[f"{i}.mp4" for i in range(10)], "train/t.mp4")
    jobs = list_jobs([root], Placement(action="squat", val_share=0.3))
    held_out = [job.id for job in jobs if job.split == "val"]
    assert held_out == ["3", "6", "9"]
    assert {job.action for job in jobs} == {"squat"}
    assert {job.split for job in list_jobs([root], Placement("val", val_share=0))} == {
        "train",
        "val",
    }


@pytest.mark.parametrize("options", [{"split": "test"}, {"val_share": 1.5}])
def test_bad_placement(options: dict) -> None:
    with pytest.raises(InputError, match="--split|--val-share"):
        Placement(**options)


def test_a_folder_without_videos(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a folder without videos"):
        list_jobs([tree(tmp_path, "a.txt")])


def test_annotations_come_first(tmp_path: Path) -> None:
    root = tree(tmp_path / "videos", "train/squat/a.mp4", "b.mp4", "c.mp4")
    table = tmp_path / "videos.csv"
    table.write_text(
        "video,split,action,labels\ntrain/squat/a.mp4,val,lunge,\nb,,squat,0 0 1 1\nc.mp4,,,\n"
    )
    content = {
        "videos": {
            "train/squat/a": {"split": "val", "action": "lunge"},
            "b.mp4": {"action": "squat", "labels": [0, 0, 1, 1]},
            "c": {},
        },
        "phases": {"squat": ["down", "up"]},
    }
    (tmp_path / "videos.json").write_text(json.dumps(content))
    for name in ("videos.csv", "videos.json"):
        annotations = read_annotations(tmp_path / name)
        jobs = {job.name: job for job in list_jobs([root], None, annotations)}
        a, b, c = (jobs[n] for n in ("train/squat/a.mp4", "b.mp4", "c.mp4"))
        assert (a.split, a.action, a.labels) == ("val", "lunge", None)
        assert (b.split, b.action, b.labels) == ("train", "squat", (0, 0, 1, 1))
        assert (c.split, c.action, c.labels) == ("train", "activity", None)
        assert annotations.phases == ({} if name.endswith("csv") else content["phases"])


def test_an_annotation_of_no_video_is_misspelt(tmp_path: Path) -> None:
    annotations = Annotations("x.csv", {"sqaut.mp4": VideoAnnotation()})
    with pytest.raises(InputError, match=r"x\.csv: 1 of its 1 entries.*sqaut\.mp4"):
        list_jobs([tree(tmp_path, "squat.mp4")], None, annotations)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.csv", "name,split\nx,train\n", "its columns are name, split"),
        ("a.csv", "", "its columns are"),
        ("a.csv", "video,split\nx,test\n", "a.csv, x: split 'test'"),
        ("a.csv", "video,split\nx,train\nx,val\n", "line 3: 'x' stands there twice"),
        ("a.csv", "video,split\nx,train,9\n", "too many columns"),
        ("a.csv", "video,labels\nx,0 one\n", "label 'one'"),
        ("a.csv", "video,labels\nx,0 -1\n", "label '-1'"),
        ("a.json", "{", "no readable JSON"),
        ("a.json", "[]", "expected {\"videos\""),
        ("a.json", '{"videos": {"x": 3}}', "x: found 3"),
        ("a.json", '{"videos": {"x": {"spilt": "val"}}}', "x: found {'spilt'"),
        ("a.json", '{"videos": {"x": {"action": 3}}}', "action 3"),
        ("a.json", '{"videos": {"x": {"labels": [0, true]}}}', "label True"),
        ("a.json", '{"videos": {"x": {"labels": []}}}', "label"),
        ("a.json", '{"videos": {}, "phases": {"x": "up"}}', "phases are"),
    ],
)  # fmt: skip
def test_bad_annotations(tmp_path: Path, name: str, text: str, message: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=message) as caught:
        read_annotations(tmp_path / name)
    assert "\n" not in str(caught.value)
