"""A training that diverges stops, and its last good checkpoint stays."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from mmengine.config import Config

from mmalign.cli.train import resume_from, train
from mmalign.errors import InputError


@pytest.fixture
def cfg(dummy_config: Path, tmp_path: Path) -> Config:
    cfg = Config.fromfile(str(dummy_config))
    cfg.default_hooks.divergence = dict(type="DivergenceHook")
    cfg.work_dir = str(tmp_path / "run")
    return cfg


def checkpoints(cfg: Config) -> list[str]:
    return sorted(path.name for path in Path(cfg.work_dir).glob("*.pth"))


@pytest.mark.parametrize("clip", [None, dict(max_norm=1.0)])
def test_it_stops_at_the_step_and_writes_no_checkpoint(cfg: Config, clip: dict | None) -> None:
    cfg.optim_wrapper.optimizer.lr = 1e30
    cfg.optim_wrapper.clip_grad = clip
    with pytest.raises(
        InputError, match=r"run: training has diverged: the .* at step 2, .*lower the learning"
    ) as caught:
        train(cfg)
    assert "no checkpoint was written" in str(caught.value) and "\n" not in str(caught.value)
    assert not checkpoints(cfg)


def test_the_last_good_checkpoint_is_named_and_stays(cfg: Config) -> None:
    cfg.train_cfg.max_epochs = 1
    cfg.default_hooks.checkpoint.max_keep_ckpts = 1
    train(cfg.copy())
    before = checkpoints(cfg)
    assert "epoch_1.pth" in before
    cfg.train_cfg.max_epochs = 3
    cfg.custom_hooks.append(dict(type="SpoilWeightsHook"))
    resume_from(cfg, "auto")
    with pytest.raises(InputError, match=r"such as .* NaN .*last good checkpoint is .*epoch_1.pth"):
        train(cfg)
    assert checkpoints(cfg) == before


@pytest.mark.parametrize("resume", [True, False])
def test_weights_that_are_not_finite_are_no_start(cfg: Config, resume: bool) -> None:
    train(cfg.copy())
    path = Path(cfg.work_dir) / "epoch_3.pth"
    checkpoint = torch.load(path, weights_only=True)
    next(iter(checkpoint["state_dict"].values())).view(-1)[0] = torch.nan
    torch.save(checkpoint, path)
    cfg.train_cfg.max_epochs = 4
    if resume:
        resume_from(cfg, str(path))
    else:
        cfg.load_from = str(path)
    with pytest.raises(InputError, match=r"epoch_3.pth: 1 of its weights, such as .* earlier"):
        train(cfg)
