"""``mmalign align`` end to end."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from tiny_aligner import cut, toy_poses, write_checkpoint

from mmalign.apis import AlignedPair
from mmalign.cli import align
from mmalign.poses.pose_file import write_pose_file

POSES = toy_poses()


@pytest.fixture
def files(tmp_path: Path) -> Path:
    write_checkpoint(tmp_path / "tiny.pth")
    write_pose_file(tmp_path / "a.npz", POSES)
    write_pose_file(tmp_path / "b.npz", cut(POSES, 10, 70))
    return tmp_path


@pytest.mark.slow
def test_everything_is_written(files: Path) -> None:
    out = files / "out"
    command = [sys.executable, "-m", "mmalign.cli.align", files / "a.npz", files / "b.npz"]
    command += ["--checkpoint", files / "tiny.pth", "--out", out, "--mirror", "no"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "b: " in done.stdout and "1 repetition" in done.stdout
    written = {path.name for path in out.iterdir()}
    assert written >= {
        "alignment.json",
        "alignment.csv",
        "report.html",
        "b_similarity.png",
        "b_correspondence.png",
        "b_matched_frames.png",
        "b_side_by_side.mp4",
        "b_ghost.mp4",
    }
    content = json.loads((out / "alignment.json").read_text())
    assert content["reference"] == "a" and content["method"] == "subsequence"
    pair = AlignedPair.from_dict(content["pairs"][0])
    assert pair.offset_seconds == pytest.approx(10 / POSES.fps, abs=1 / POSES.fps)
    rows = list(csv.DictReader((out / "alignment.csv").open()))
    assert len(rows) == pair.other_frames
    matched = [row for row in rows if row["reference_frame"]]
    assert len(matched) == pair.matched.sum()
    for row in matched:
        frame = int(row["frame"])
        assert float(row["reference_frame"]) == pytest.approx(pair.positions[frame], abs=1e-3)
        assert float(row["reference_seconds"]) == pytest.approx(pair.seconds[frame], abs=1e-3)
        assert float(row["seconds"]) == pytest.approx(frame / POSES.fps, abs=1e-4)
    assert {row["repetition"] for row in rows} <= {"", "0"}


def test_formats_take_their_own_options(files: Path, capsys: pytest.CaptureFixture) -> None:
    np.savez(files / "c.npz", keypoints=POSES.keypoints, scores=POSES.scores)
    arguments = [str(files / "c.npz")] * 2 + ["--checkpoint", str(files / "tiny.pth")]
    arguments += ["--out", str(files / "out"), "--no-video", "--mirror", "no"]
    assert align.main([*arguments, "--format", "npz", "--fps", "25"]) == 0
    content = json.loads((files / "out" / "alignment.json").read_text())
    assert content["pairs"][0]["other_fps"] == 25
    assert not list((files / "out").glob("*.mp4"))
    assert align.main([*arguments, "--format", "npz", "--odd", "1"]) == 2
    assert "mmalign data convert npz --help" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (["--reference", "x"], "--reference is 'x', expected auto or a number"),
        (["--reference", "7"], "reference is 7"),
        (["--format", "nope"], "unknown format 'nope'"),
        (["--checkpoint", "gone.pth"], "gone.pth: no such checkpoint"),
    ],
)
def test_bad_arguments_are_one_line(
    files: Path, change: list[str], message: str, capsys: pytest.CaptureFixture
) -> None:
    arguments = [str(files / "a.npz"), str(files / "b.npz"), "--out", str(files / "out")]
    assert align.main([*arguments, "--checkpoint", str(files / "tiny.pth"), *change]) == 2
    error = capsys.readouterr().err.strip().splitlines()
    assert error[-1].startswith("error: ") and message in error[-1]
    assert not (files / "out").exists()


def test_unrelated_sequences_are_called_that(files: Path, capsys: pytest.CaptureFixture) -> None:
    reverse = cut(POSES, 0, POSES.num_frames)
    reverse.keypoints, reverse.scores = POSES.keypoints[::-1], POSES.scores[::-1]
    write_pose_file(files / "c.npz", reverse)
    arguments = [str(files / "a.npz"), str(files / "c.npz"), "--checkpoint"]
    arguments += [str(files / "tiny.pth"), "--out", str(files / "out"), "--no-video"]
    assert align.main([*arguments, "--mirror", "no"]) == 0
    assert "SEEMS TO SHOW ANOTHER ACTIVITY" in capsys.readouterr().out
