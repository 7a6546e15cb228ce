"""CASA on 3D poses: the toy config trains and is scored, its floor sees 3D poses too."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mmalign.cli.test import main as score
from mmalign.cli.train import main as train_model


@pytest.mark.slow
def test_trained_and_scored(repo: Path, tmp_path: Path) -> None:
    config = str(repo / "configs" / "baselines" / "casa_3d_toy.py")
    less = ["train_dataloader.dataset.num_sequences=8", "train_dataloader.dataset.repeat=1"]
    less += ["test_dataloader.dataset.dataset.num_sequences=8", "train_cfg.max_epochs=1"]
    assert train_model([config, "--work-dir", str(tmp_path), "--cfg-options", *less]) == 0
    out = ["--out", str(tmp_path), "--floors", "--cfg-options", *less]
    assert score([config, str(tmp_path / "epoch_1.pth"), *out]) == 0
    figures = json.loads((tmp_path / "metrics.json").read_text())
    assert 0 < figures["trimmed"]["acc@1.0"] <= 1
    # The same clips in 2D are another floor.
    flat = str(repo / "configs" / "baselines" / "casa_toy.py")
    assert train_model([flat, "--work-dir", str(tmp_path / "flat"), "--cfg-options", *less]) == 0
    out[1] = str(tmp_path / "flat")
    assert score([flat, str(tmp_path / "flat" / "epoch_1.pth"), *out]) == 0
    other = json.loads((tmp_path / "flat" / "metrics.json").read_text())
    raw, raw_2d = (one["floors"]["raw_pose"]["trimmed"]["acc@1.0"] for one in (figures, other))
    assert raw != raw_2d
