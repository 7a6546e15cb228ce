"""``--corrupt`` of ``tools/train.py`` and ``tools/test.py``."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from mmalign.cli.config import load_config
from mmalign.cli.corruption import corrupt_loader, parse_corruption
from mmalign.errors import InputError

MISSING = {"type": "MissingLimb", "prob": 0.5}
NOISE = {"type": "NoisyKeypoints", "std": 1.0}
SMALL = [
    "model.encoder.temporal_depth=1",
    "train_dataloader.dataset.num_sequences=4",
    "train_dataloader.dataset.repeat=1",
    "train_dataloader.batch_size=2",
    "train_dataloader.num_workers=0",
    "train_dataloader.persistent_workers=False",
    "test_dataloader.dataset.dataset.num_sequences=4",
    "train_cfg.max_epochs=1",
    "log_level=WARNING",
]


def test_parse() -> None:
    assert parse_corruption("missing:0.5") == MISSING
    assert parse_corruption("noise:1") == NOISE
    bad = ["noise", "noise:", "noise:x", "noise:-1", "noise:nan", "noise:inf", "missing:1.1"]
    for text in [*bad, "blur:1", ":1", ""]:
        with pytest.raises(argparse.ArgumentTypeError, match="missing:P"):
            parse_corruption(text)


def test_places_in_the_pipelines(repo: Path) -> None:
    cfg = load_config(repo / "configs" / "la2ds_penn_action_cpu.py")
    clean = cfg.to_dict()
    corrupt_loader(cfg, "train_dataloader", [])
    assert cfg.to_dict() == clean
    before = cfg.test_dataloader.to_dict()
    corrupt_loader(cfg, "train_dataloader", [NOISE, MISSING])
    pipeline = cfg.train_dataloader.dataset.pipeline
    types = [step["type"] for step in pipeline]
    assert types == ["MissingLimb", "TwoViews", "PackAlignmentInputs"]
    for view in ("view0", "view1"):
        steps = [step["type"] for step in pipeline[1][view]]
        assert steps.count("NoisyKeypoints") == 1
        assert steps.index("NoisyKeypoints") == steps.index("CropToPoseBox") + 1
    assert cfg.test_dataloader.to_dict() == before
    corrupt_loader(cfg, "test_dataloader", [MISSING, NOISE], "val")
    steps = cfg.test_dataloader.dataset.dataset.pipeline
    assert [dict(step) for step in steps] == [
        {**MISSING, "split": "val"},
        dict(type="CropToPoseBox", size=30),
        {**NOISE, "split": "val"},
        dict(type="PackAlignmentInputs"),
    ]


def test_a_hook_that_looks_at_the_clips_sees_them_corrupted(repo: Path) -> None:
    cfg = load_config(repo / "configs" / "la2ds_plus_penn_action_cpu.py")
    corrupt_loader(cfg, "train_dataloader", [NOISE, MISSING])
    steps = [step["type"] for step in cfg.custom_hooks[-1].pipeline]
    assert steps == ["MissingLimb", "CropToPoseBox", "NoisyKeypoints", "PackAlignmentInputs"]


def test_frames_alone_need_no_noise(repo: Path) -> None:
    cfg = load_config(repo / "configs" / "fusion" / "la2ds_rgb_toy.py")
    clean = cfg.to_dict()
    corrupt_loader(cfg, "train_dataloader", [NOISE])
    assert cfg.to_dict() == clean


def test_noise_needs_a_crop() -> None:
    path = Path(__file__).resolve().parent.parent / "fixtures" / "scored_config.py"
    cfg = load_config(path)
    with pytest.raises(InputError, match="scored_config.py has no CropToPoseBox"):
        corrupt_loader(cfg, "test_dataloader", [NOISE])


@pytest.fixture(scope="module")
def scores(tmp_path_factory: pytest.TempPathFactory):
    """A function that scores one untrained model on few toy clips with some more arguments."""
    from mmalign.cli.test import main
    from mmalign.registry import MODELS

    config = str(Path(__file__).resolve().parents[2] / "configs" / "la2ds_toy.py")
    folder = tmp_path_factory.mktemp("scores")
    cfg = load_config(config)
    cfg.model.encoder.temporal_depth = 1
    torch.manual_seed(0)
    torch.save({"state_dict": MODELS.build(cfg.model).state_dict()}, folder / "model.pth")

    def score(*arguments: str) -> dict:
        out = folder / "_".join(arguments).replace("-", "").replace(":", "")
        command = [config, str(folder / "model.pth"), "--out", str(out), *arguments]
        assert main([*command, "--cfg-options", *SMALL]) == 0
        result = json.loads((out / "metrics.json").read_text())
        result["markdown"] = (out / "metrics.md").read_text()
        return result

    return score


@pytest.mark.slow
def test_scored_and_recorded(scores) -> None:
    clean = scores("--floors")
    assert clean["corruption"] == []
    missing = scores("--floors", "--corrupt", "missing:1.0")
    assert missing["corruption"] == [
        {"type": "MissingLimb", "level": 1.0, "seed": 0, "split": "val"}
    ]
    assert "MissingLimb 1 on val" in missing["markdown"].splitlines()[0]
    for protocol in ("published", "trimmed"):
        assert missing[protocol] != clean[protocol]
        for floor, same in (("clock", True), ("raw_pose", False), ("untrained", False)):
            assert (missing["floors"][floor][protocol] == clean["floors"][floor][protocol]) == same

    # Noise on the training clips alone changes what is fitted on them, and nothing else.
    train = scores("--corrupt", "noise:2", "--corrupt-on", "train")
    assert train["corruption"][0]["split"] == "train"
    assert train["published"]["AP@5"] == clean["published"]["AP@5"]
    assert train["trimmed"]["event_error"] == clean["trimmed"]["event_error"]
    assert train["published"]["progress"] != clean["published"]["progress"]
    both = scores("--corrupt", "noise:2", "--corrupt", "missing:0.5", "--corrupt-on", "both")
    assert {(c["type"], c["split"]) for c in both["corruption"]} == {
        ("NoisyKeypoints", "both"),
        ("MissingLimb", "both"),
    }
    assert both["published"]["AP@5"] != clean["published"]["AP@5"]
    none = scores("--floors", "--corrupt", "noise:0", "--corrupt-on", "both")
    assert none["published"] == clean["published"]
    assert none["floors"]["raw_pose"]["published"]["tau"] == pytest.approx(
        clean["floors"]["raw_pose"]["published"]["tau"], abs=0.02
    )


@pytest.mark.slow
def test_trains_on_corrupted_poses(repo: Path, tmp_path: Path) -> None:
    command = [sys.executable, "tools/train.py", "configs/la2ds_toy.py"]
    options = ["--work-dir", str(tmp_path), "--corrupt", "missing:1.0", "--corrupt", "noise:1.0"]
    run = subprocess.run(
        [*command, *options, "--cfg-options", *SMALL], cwd=repo, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    saved = torch.load(tmp_path / "epoch_1.pth", weights_only=False)
    assert all(torch.isfinite(weight).all() for weight in saved["state_dict"].values())
    kept = (tmp_path / "la2ds_toy.py").read_text()
    assert "MissingLimb" in kept and "NoisyKeypoints" in kept
