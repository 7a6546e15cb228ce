"""Which files ``mmalign align`` and ``mmalign sync`` write, from what, and what they refuse."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_aligner import cut, toy_poses, write_checkpoint

from mmalign.cli.align import file_names
from mmalign.cli.main import main
from mmalign.poses.pose_file import write_pose_file
from mmalign.poses.skeleton_conversion import convert_skeleton
from tests.fixtures.aligned import make_pair

POSES = toy_poses()
LABELS = np.arange(POSES.num_frames) * 3 // POSES.num_frames


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write_checkpoint(tmp_path / "tiny.pth")
    write_pose_file(tmp_path / "a.npz", replace(POSES, labels=LABELS))
    write_pose_file(tmp_path / "b.npz", cut(POSES, 10, 70))
    return tmp_path


def align(*arguments: str) -> int:
    fixed = ["--checkpoint", "tiny.pth", "--out", "out", "--no-video", "--mirror", "no"]
    return main(["align", *arguments, *fixed])


def test_no_two_inputs_share_their_files() -> None:
    class Result:
        pairs = [
            replace(make_pair([0.0, 1.0], 2), other=name)
            for name in ("take 1", "take_1", "Take_1", "…", "other_3", "take_1_2")
        ]

    names = file_names(Result())  # type: ignore[arg-type]
    assert names[0] == "take_1"
    assert len({name.casefold() for name in names}) == len(names)


@pytest.mark.slow
def test_repetitions_are_counted_alike_in_all_files(folder: Path) -> None:
    twice = np.concatenate([POSES.keypoints, POSES.keypoints])
    scores = np.concatenate([POSES.scores, POSES.scores])
    poses = replace(POSES, keypoints=twice, scores=scores)
    write_pose_file(folder / "twice.npz", poses)
    assert align("a.npz", "twice.npz") == 0
    found = json.loads(Path("out/alignment.json").read_text())["pairs"][0]["repetitions"]
    assert len(found) == 2
    rows = list(csv.DictReader(Path("out/alignment.csv").open()))
    for number, (start, end) in enumerate(found):
        assert {row["repetition"] for row in rows[start:end]} == {str(number)}
    phases = list(csv.DictReader(Path("out/twice_phases.csv").open()))
    assert {row["repetition"] for row in phases} >= {"0", "1"}


@pytest.mark.slow
def test_files_of_an_earlier_run_are_told(folder: Path, capsys: pytest.CaptureFixture) -> None:
    assert align("a.npz", "b.npz") == 0
    assert "note: " not in capsys.readouterr().out
    write_pose_file(folder / "a.npz", POSES)
    assert align("a.npz", "b.npz") == 0
    assert "note: 1 files there are older and not of this run: b_phases.csv" in (
        capsys.readouterr().out
    )


@pytest.mark.parametrize("device", ["banana", "xpu"])
def test_a_device_that_is_not_there_is_told(folder: Path, capsys, device: str) -> None:
    assert align("a.npz", "b.npz", "--device", device) == 2
    assert f"error: device '{device}': cannot be used here" in capsys.readouterr().err


def test_weights_that_are_no_numbers_are_told(folder: Path, capsys) -> None:
    content = torch.load("tiny.pth", weights_only=False)
    name = next(name for name, value in content["state_dict"].items() if value.ndim > 1)
    content["state_dict"][name][0, 0] = float("nan")
    torch.save(content, "tiny.pth")
    assert align("a.npz", "b.npz") == 2
    assert f"1 of its weights are no numbers, the first {name}" in capsys.readouterr().err


@pytest.mark.slow
def test_a_format_s_poses_are_mended_as_by_convert(folder: Path, caplog) -> None:
    keypoints, scores = POSES.keypoints.copy(), POSES.scores.copy()
    keypoints[20:23, 9], scores[20:23, 9] = 0, 0
    np.savez("gap.npz", keypoints=keypoints, scores=scores)
    fill = ["--format", "npz", "--fill-gaps", "5"]
    assert align("gap.npz", "gap.npz", *fill) == 0
    assert "unknown frame rate" in caplog.text
    assert align("gap.npz", "gap.npz", *fill, "--smooth", "nonsense") == 2


@pytest.mark.slow
def test_alphapose_s_clips_have_their_folders_names(folder: Path) -> None:
    for name in ("expert", "novice"):
        people = [
            {
                "image_id": f"{frame}.jpg",
                "keypoints": np.c_[points, np.ones(17)].ravel().tolist(),
                "score": 1.0,
                "idx": 1,
            }
            for frame, points in enumerate(POSES.keypoints)
        ]
        Path(name).mkdir()
        Path(name, "alphapose-results.json").write_text(json.dumps(people))
    assert align("expert", "novice/alphapose-results.json", "--format", "alphapose") == 0
    content = json.loads(Path("out/alignment.json").read_text())
    assert (content["reference"], content["pairs"][0]["other"]) == ("expert", "novice")


@pytest.mark.slow
@pytest.mark.parametrize("video", [[], ["--no-video"]])
def test_cameras_with_other_skeletons_are_synchronised(folder: Path, video: list[str]) -> None:
    poses = convert_skeleton(POSES, "penn13", "b")
    write_pose_file(folder / "b.npz", poses)
    assert main(["sync", "a.npz", "b.npz", "--out", "out", *video]) == 0
    assert Path("out/report.html").is_file()
    assert Path("out/b_ghost.mp4").is_file() == (not video)


@pytest.mark.slow
def test_anomalies_are_drawn_and_inputs_of_one_name_stay_apart(folder: Path) -> None:
    rng = np.random.default_rng(0)
    normal = []
    for number in range(8):
        noisy = POSES.keypoints + rng.normal(0, 1, POSES.keypoints.shape)
        write_pose_file(folder / f"normal{number}.npz", replace(POSES, keypoints=noisy))
        normal.append(f"normal{number}.npz")
    for name, poses in (("x/take.npz", POSES), ("y/take.npz", cut(POSES, 0, 40))):
        write_pose_file(folder / name, poses)
    command = ["anomaly", "x/take.npz", "y/take.npz", "--normal", *normal, "--false-alarms", "0.2"]
    assert main([*command, "--checkpoint", "tiny.pth", "--out", "out"]) == 0
    rows = json.loads(Path("out/anomaly.json").read_text())
    assert [row["name"] for row in rows] == ["take", "take_2"]
    assert Path("out/anomaly.png").read_bytes().startswith(b"\x89PNG")
