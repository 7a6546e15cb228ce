"""Training on one view of each clip, in batches of one action, from a config to a checkpoint."""

import json
from pathlib import Path

import pytest
import torch
from mmengine.config import Config

from mmalign.apis.loading import load_aligner
from mmalign.cli.resuming import resume_from
from mmalign.cli.train import main, train
from mmalign.compat import read_checkpoint

CONFIG = """
_base_ = ["{repo}/configs/_base_/default_runtime.py"]
custom_imports = dict(imports=["mmalign.engine", "tiny_losses"])
default_hooks = dict(logger=dict(interval=1))
model = dict(
    type="Aligner",
    data_preprocessor=dict(type="CoordinateDataPreprocessor", skeleton="coco17"),
    encoder=dict(
        type="CoordinateEncoder", spatial="linear", dim=24, num_heads=2, temporal_depth=0,
        temporal_encoding="none",
    ),
    head=dict(type="ProjectionHead", dim=24, hidden=24, out=16, normalize=True),
    losses=dict(
        clips=dict(type="TinyClipLoss", frames=dict(sampler="segment", num_frames=8)),
        pairs=dict(
            type="TinyPairLoss", pairs="random_partner", loss_weight=0.5,
            frames=dict(sampler="uniform", num_frames=8),
        ),
    ),
    embedding="latent",
)
toy = dict(type="ToyPoseDataset", activity="lift", num_sequences=4, length=(40, 44))
pipeline = [dict(type="CropToPoseBox", size=30), dict(type="PackAlignmentInputs")]
train_dataloader = dict(
    batch_size=2,
    num_workers=0,
    sampler=dict(type="DefaultSampler", shuffle=True),
    batch_sampler=dict(type="SameActionBatchSampler"),
    dataset=dict(repeat=2, pipeline=pipeline, **toy),
)
test_dataloader = dict(
    batch_size=2,
    sampler=dict(type="DefaultSampler", shuffle=False),
    dataset=dict(type="EvaluationDataset", dataset=dict(pipeline=pipeline, **toy)),
)
test_evaluator = dict(type="AlignmentMetric")
test_cfg = dict()
optim_wrapper = dict(type="OptimWrapper", optimizer=dict(type="Adam", lr=0.01))
train_cfg = dict(by_epoch=True, max_epochs=2)
"""


@pytest.fixture
def config(repo: Path, tmp_path: Path) -> Path:
    path = tmp_path / "one_view.py"
    path.write_text(CONFIG.replace("{repo}", str(repo)))
    return path


def test_it_trains_resumes_and_embeds(config: Path, tmp_path: Path) -> None:
    for name, epochs in (("whole", 2), ("cut", 1), ("cut", 2)):
        cfg = Config.fromfile(str(config))
        cfg.work_dir, cfg.train_cfg.max_epochs = str(tmp_path / name), epochs
        if (tmp_path / name).exists():
            resume_from(cfg, "auto")
        train(cfg)
    whole, cut = (tmp_path / name / "epoch_2.pth" for name in ("whole", "cut"))
    weights = read_checkpoint(whole)["state_dict"]
    for name, weight in read_checkpoint(cut)["state_dict"].items():
        assert torch.equal(weight, weights[name]), name

    (log,) = (tmp_path / "whole").glob("*/vis_data/scalars.json")
    steps = [json.loads(line) for line in log.read_text().splitlines()]
    assert len(steps) == 8
    for step in steps:
        assert step["loss"] == pytest.approx(step["loss_clips"] + step["loss_pairs"])
        assert step["loss_clips"] > 0 and step["loss_pairs"] > 0
    assert load_aligner(whole).model.embedding == "latent"


def test_a_loss_of_two_views_is_told_of_one(config: Path, tmp_path: Path, capsys) -> None:
    options = ["model.losses.more.type=AlignmentLoss", "train_cfg.max_epochs=1"]
    command = [str(config), "--work-dir", str(tmp_path / "w"), "--cfg-options", *options]
    assert main(command) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert line.startswith("error: AlignmentLoss: a batch has 1 view of each clip, expected 2; put")
