"""The movements of `mmalign demo` are what their tool makes of UI-PRMD."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from mmalign.cli.demo import ASSETS
from mmalign.poses.pose_file import read_pose_file
from tests.fixtures.tools import load_tool

TOOL = load_tool("dev/make_demo_squats.py")


@pytest.mark.skipif("MMALIGN_DATA" not in os.environ, reason="MMALIGN_DATA is not set")
def test_the_files_are_made_again_to_the_byte(tmp_path: Path) -> None:
    assert (
        TOOL.main([str(Path(os.environ["MMALIGN_DATA"], "ui_prmd")), "--out", str(tmp_path)]) == 0
    )
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    kept = {path.name: path.read_bytes() for path in ASSETS.iterdir()}
    assert set(kept) - set(made) == {"SOURCE.txt"}
    assert all(kept[name] == content for name, content in made.items())


def test_the_performers_are_held_out_of_the_packaged_network() -> None:
    """The general network's data are the training split: persons 1 to 7 by default."""
    from mmalign.formats.benchmarks.ui_prmd import UiPrmdReader

    defaults = UiPrmdReader.__init__.__defaults__
    assert defaults is not None
    train = defaults[-1]
    people = {int(part.recording[5:7]) for part in TOOL.PARTS}
    assert people == {8, 9} and not people & set(train)


def test_the_source_text_says_what_the_tool_does() -> None:
    text = " ".join((ASSETS / "SOURCE.txt").read_text(encoding="utf-8").split())
    for part in TOOL.PARTS:
        poses = read_pose_file(ASSETS / f"{part.name}.npz")
        side = "left" if part.angle > 0 else "right"
        person = int(part.recording[5:7])
        assert poses.fps == 100 / part.every
        assert re.search(
            rf"{part.name} person {person}, repetition 1[^,]*, camera {abs(part.angle):.0f} degrees"
            rf" to the person's {side}, {poses.fps:.0f} frames per second",
            text,
        )
        assert not part.start or f"begins {part.start / 100} s later" in text


def test_a_folder_without_them_is_named(tmp_path: Path, capsys) -> None:
    assert TOOL.main([str(tmp_path), "--out", str(tmp_path)]) == 2
    assert f"{tmp_path}: lacks m01_s08_e01" in capsys.readouterr().err
