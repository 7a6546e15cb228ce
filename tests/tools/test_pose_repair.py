"""The tool that measures the repair of poses, and what it finds on real ones."""

from __future__ import annotations

import os
import re
from pathlib import Path

import numpy as np
import pytest

from tools import load_tool

tool = load_tool("analysis/pose_repair.py")


def data(name: str) -> Path:
    folder = Path(os.environ.get("MMALIGN_DATA", ""), name)
    if not folder.is_dir():
        pytest.skip(f"needs {name}: set MMALIGN_DATA to the folder that holds it")
    return folder


def test_exchanged_cameras_are_put_right(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "pose2sim_balancing").symlink_to(data("pose2sim_balancing"))
    assert tool.main([str(tmp_path)]) == 0
    rows = re.findall(
        r"^OpenPose, (\w+) +(as they are|\w+, \d+%) +100 +([\d.]+) +([\d.]+) +([\d.]+)$",
        capsys.readouterr().out,
        re.MULTILINE,
    )
    assert len(rows) == 4 * 7
    clean = {camera: float(after) for camera, kind, *_, after in rows if kind == "as they are"}
    assert clean["cam02"] > 0.99
    for camera, kind, changed, before, after in rows:
        if kind == "as they are":
            assert float(changed) == 0 and float(after) > float(before) - 0.005
        else:
            assert float(changed) == pytest.approx(int(kind[-3:-1]) / 100, abs=0.02)
            assert float(after) > clean[camera] - 0.01 > float(before)


def test_annotated_people_are_left_alone() -> None:
    reader = tool.PennActionReader(data("penn_action"))
    clips = [sequence for *_, sequence in tool.sequences(reader, 60)]
    changed = [tool.put_sides_right(sequence)[2] for sequence in clips]
    assert len(clips) > 10 and np.concatenate(changed).mean() < 0.005


@pytest.mark.parametrize("degrees", tool.TURNS)
def test_people_who_turn_round_are_left_alone(degrees: float) -> None:
    reader = tool.UiPrmdReader(data("ui_prmd"), angles=[0.0])
    for number, (*_, sequence) in enumerate(tool.sequences(reader, 20)):
        turning = tool.turned(sequence, degrees, 50.0 * number, 25)
        assert not tool.put_sides_right(turning)[2].any()


def test_no_data_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert tool.main([str(tmp_path)]) == 2
    assert "none of the data sets is there" in capsys.readouterr().err
