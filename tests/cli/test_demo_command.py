"""``mmalign demo`` aligns two recorded movements; ``--train`` trains, scores, and goes on."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from mmalign.cli import config, demo
from mmalign.poses.pose_file import read_pose_file


def test_it_aligns_the_recorded_squats(tmp_path: Path, capsys) -> None:
    assert demo.main(["--out", str(tmp_path)]) == 0
    assert (tmp_path / "report.html").is_file()
    out = " ".join(capsys.readouterr().out.split())
    assert f"open {tmp_path / 'report.html'} in a browser" in out
    found = re.search(
        r"right: (\d+)% .* deepest at 1\.06 s.* at ([\d.]+) s of the second; its 3D recording says"
        r" 1\.60 s: (\d+) ms off\. .* began 0\.48 s later: median error ([\d.]+) ms",
        out,
    )
    assert found is not None, out
    matched, moment, off, error = map(float, found.groups())
    assert 95 <= matched <= 100
    assert moment == pytest.approx(1.6, abs=0.04) and abs(1000 * (1.6 - moment)) - off <= 5
    # Not by chance: a second frame lasts 40 ms.
    assert 0 < error < 5

    content = json.loads((tmp_path / "alignment.json").read_text())
    assert (content["reference"], content["pairs"][0]["other"]) == ("first_squat", "second_squat")
    assert content["pairs"][0]["is_same_activity"] is True
    assert '"name":"down"' in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_the_error_is_against_the_clock_that_both_cameras_share() -> None:
    from mmalign.apis import AlignedPair

    frames = 43
    seconds = np.arange(frames) / 25 + 0.48
    errors = np.where(np.arange(frames) % 3 == 0, 0.0, 0.010)
    pair = AlignedPair(
        "first_squat", "first_squat_late_camera", 50.0, 25.0, 109, frames,
        (seconds + errors) * 50, np.ones(frames), np.zeros((0, 2), dtype=np.int64),
    )  # fmt: skip
    assert "0.48 s later: median error 10.0 ms" in demo.said_of_cameras(pair)


@pytest.mark.parametrize(
    ("name", "turn"),
    [("first_squat", 1.06), ("second_squat", 1.60), ("first_squat_late_camera", 0.58)],
)
def test_the_deepest_moment_is_where_the_pictures_show_it(name: str, turn: float) -> None:
    # From the front the hips are lowest in the picture when they are lowest in the room.
    poses = read_pose_file(demo.poses(name))
    hips = poses.keypoints[:, 7:9, 1].mean(axis=1)
    assert hips.argmax() / poses.fps == pytest.approx(turn, abs=0.1)
    assert demo.deepest(name) == turn


def test_its_help_does_not_wait_for_torch() -> None:
    code = "import sys, mmalign.cli.demo; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.fixture
def small_demo(repo: Path, tmp_path: Path, monkeypatch) -> Path:
    """Put a config that trains in a second in the place of the demo's; returns the work dir."""
    from scored_training import write_data

    write_data(tmp_path / "data")
    lines = [f"_base_ = [{str(repo / 'tests' / 'fixtures' / 'scored_config.py')!r}]"]
    folder = f"data_root={str(tmp_path / 'data')!r}"
    lines.append(f"train_dataloader = dict(dataset=dict({folder}))")
    parts = ", ".join(
        f"dict(type='PoseSequenceDataset', split={split!r}, window={window!r}, action='wave',"
        f" labelled_only=True, pipeline=[dict(type='PackKeypoints')], {folder})"
        for split, window in (("train", "whole"), ("val", "whole"), ("val", "trimmed"))
    )
    lines.append(f"test_dataloader = dict(dataset=dict(datasets=[{parts}]))")
    (tmp_path / "small.py").write_text("\n".join(lines))
    monkeypatch.setattr(config, "shipped_config", lambda _: tmp_path / "small.py")
    return tmp_path / "demo"


def test_trains_and_scores(small_demo: Path, capsys) -> None:
    assert demo.main(["--train", "--work-dir", str(small_demo)]) == 0
    result = json.loads((small_demo / "metrics.json").read_text())
    assert {"published", "trimmed", "floors"} <= set(result)
    assert result["checkpoint"] == "epoch_2.pth"
    out = capsys.readouterr().out
    assert f"trained: {small_demo / 'epoch_2.pth'}" in out
    assert f"tensorboard --logdir {small_demo}" in out


def test_goes_on_where_it_was_cut(small_demo: Path, capsys) -> None:
    arguments = ["--train", "--work-dir", str(small_demo), "--cfg-options"]
    assert demo.main([*arguments, "train_cfg.max_epochs=1"]) == 0
    first = (small_demo / "epoch_1.pth").stat().st_mtime_ns
    assert demo.main([*arguments, "train_cfg.max_epochs=2"]) == 0
    assert (small_demo / "epoch_1.pth").stat().st_mtime_ns == first
    assert json.loads((small_demo / "metrics.json").read_text())["checkpoint"] == "epoch_2.pth"


def test_failure_of_the_training_is_the_demos(small_demo: Path, capsys) -> None:
    # Without --train too: --cfg-options has always meant training.
    assert demo.main(["--work-dir", str(small_demo), "--cfg-options", "nothing.x=1"]) == 2
    assert "--cfg-options nothing.x" in capsys.readouterr().err
    assert not (small_demo / "metrics.json").exists()


def test_needs_a_clone(monkeypatch, tmp_path: Path, capsys) -> None:
    monkeypatch.setattr(demo, "CONFIG", "configs/none.py")
    monkeypatch.chdir(tmp_path)
    assert demo.main(["--train"]) == 2
    assert re.search(r"configs/none\.py: neither in .*from a clone", capsys.readouterr().err)
