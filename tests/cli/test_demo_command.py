"""``mmalign demo``: trains, scores, and goes on where it was cut."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from mmalign.cli import demo


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
    monkeypatch.setattr(demo, "shipped_config", lambda _: tmp_path / "small.py")
    return tmp_path / "demo"


def test_trains_and_scores(small_demo: Path, capsys) -> None:
    assert demo.main(["--work-dir", str(small_demo)]) == 0
    result = json.loads((small_demo / "metrics.json").read_text())
    assert {"published", "trimmed", "floors"} <= set(result)
    assert result["checkpoint"] == "epoch_2.pth"
    out = capsys.readouterr().out
    assert f"trained: {small_demo / 'epoch_2.pth'}" in out
    assert f"tensorboard --logdir {small_demo}" in out


def test_goes_on_where_it_was_cut(small_demo: Path, capsys) -> None:
    arguments = ["--work-dir", str(small_demo), "--cfg-options"]
    assert demo.main([*arguments, "train_cfg.max_epochs=1"]) == 0
    first = (small_demo / "epoch_1.pth").stat().st_mtime_ns
    assert demo.main([*arguments, "train_cfg.max_epochs=2"]) == 0
    assert (small_demo / "epoch_1.pth").stat().st_mtime_ns == first
    assert json.loads((small_demo / "metrics.json").read_text())["checkpoint"] == "epoch_2.pth"


def test_failure_of_the_training_is_the_demos(small_demo: Path, capsys) -> None:
    assert demo.main(["--work-dir", str(small_demo), "--cfg-options", "nothing.x=1"]) == 2
    assert "--cfg-options nothing.x" in capsys.readouterr().err
    assert not (small_demo / "metrics.json").exists()


def test_needs_a_clone(monkeypatch, tmp_path: Path, capsys) -> None:
    monkeypatch.setattr(demo, "CONFIG", "configs/none.py")
    monkeypatch.chdir(tmp_path)
    assert demo.main([]) == 2
    assert re.search(r"configs/none\.py: neither in .*from a clone", capsys.readouterr().err)
