"""Activities that a network has never seen."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from mmengine.config import Config

from mmalign.cli.config import load_config
from mmalign.errors import InputError
from mmalign.toy.writer import write_dataset
from tests.fixtures.tools import load_tool


@pytest.fixture(scope="module")
def tool():
    return load_tool("analysis/never_seen.py")


@pytest.fixture(scope="module")
def root(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("bodies")
    write_dataset(folder, ("lift", "throw"), num_train=4, num_val=2, length=(36, 40))
    return folder


def test_the_action_and_its_sibling_are_left_out(tool, repo, root):
    cfg = load_config(repo / "configs/general_cpu.py")
    sets = cfg.train_dataloader.dataset.datasets
    for one in sets[:2]:
        one.data_root = str(root)
    tool.leave_out(cfg, {"lift", "jump"})
    assert sets[0].action == sets[1].action == ["throw"]
    with pytest.raises(InputError, match="nothing is left out"):
        tool.leave_out(cfg, {"lift"})
    with pytest.raises(InputError, match="no training clips but of throw"):
        tool.leave_out(cfg, {"throw"})


def test_trained_without_and_scored(tool, repo, root, tmp_path):
    config = tmp_path / "general.py"
    pipeline = "{{_base_.flat_train_pipeline}}"
    config.write_text(
        f"_base_ = {str(repo / 'configs/general_cpu.py')!r}\n"
        "model = dict(data_preprocessor=dict(skeleton='coco17'))\n"
        "train_cfg = dict(max_epochs=1)\n"
        "train_dataloader = dict(\n"
        "    batch_size=2,\n"
        "    sampler=dict(group=2),\n"
        "    dataset=dict(datasets=[dict(type='PoseSequenceDataset',"
        f" data_root={str(root)!r}, pipeline={pipeline})]),\n"
        ")\n"
        "test_dataloader = dict(\n"
        f"    dataset=dict(dataset=dict(data_root={str(root)!r}, skeleton='coco17'))\n"
        ")\n"
    )
    out = tmp_path / "figures.json"
    argv = [str(config), "--work-dir", str(tmp_path / "runs"), "--action", "lift"]
    argv += ["--split", "val", "--methods", "dtw", "--out", str(out)]
    assert tool.main(argv) == 0
    trained = tmp_path / "runs/lift/epoch_1.pth"
    seen = Config.fromfile(str(tmp_path / "runs/lift/general.py"))
    assert seen.train_dataloader.dataset.datasets[0].action == ["throw"]
    written = trained.stat().st_mtime_ns
    figures = json.loads(out.read_text())
    assert figures["mean"] == figures["lift"]
    for key in ("whole, embedding, dtw", "trimmed, raw pose, dtw", "whole, fixed length, dtw"):
        assert 0 < figures["lift"][key]["medoid"] <= 1
    assert 0 < figures["lift"]["trimmed, embedding"]["event_error"] < 1
    # What is trained is not trained again.
    assert tool.main(argv) == 0
    assert trained.stat().st_mtime_ns == written
