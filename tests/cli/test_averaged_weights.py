"""A config with averaged weights trains and is scored, with floors and without."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from mmengine.config import Config

from mmalign.cli.config import load_config
from mmalign.cli.test import main as score
from mmalign.cli.train import main as train_model


@pytest.mark.slow
def test_the_average_is_scored_with_floors_and_without(repo: Path, tmp_path: Path) -> None:
    cfg: Config = load_config(repo / "configs/ablations/plus_linear_ema.py")
    cfg.model.data_preprocessor.skeleton = "coco17"
    cfg.model.readout = dict(num_components=6, num_prototypes=4)
    toy = dict(type="ToyPoseDataset", activity="lift", skeleton="coco17", length=(40, 50))
    pipelines = cfg.dropout_train_pipeline, cfg.test_pipeline
    cfg.train_dataloader.dataset = dict(toy, num_sequences=6, pipeline=pipelines[0])
    cfg.test_dataloader.dataset.dataset = dict(
        toy, num_sequences=4, split="all", pipeline=pipelines[1]
    )
    for loader in (cfg.train_dataloader, cfg.test_dataloader):
        loader.update(num_workers=0, persistent_workers=False)
    cfg.train_dataloader.batch_size = 3
    cfg.train_cfg.max_epochs = 2
    config = str(tmp_path / "averaged.py")
    cfg.dump(config)

    assert train_model([config, "--work-dir", str(tmp_path)]) == 0
    found = []
    for options in ([], ["--floors"]):
        out = tmp_path / f"out_{len(options)}"
        assert score([config, str(tmp_path / "epoch_2.pth"), "--out", str(out), *options]) == 0
        result = json.loads((out / "metrics.json").read_text())
        found.append((result["published"], result["trimmed"], result["config_hash"]))
    assert found[0] == found[1]
