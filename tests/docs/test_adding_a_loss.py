"""The loss and the config that docs/design.md shows do what it says, and docs/peers.md's config."""

import re
import sys
from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmengine.registry import DefaultScope
from mmengine.runner import Runner

from mmalign.cli.config import load_config
from mmalign.registry import MODELS
from mmalign.toy import write_dataset


def blocks(page: Path, heading: str) -> list[str]:
    """The Python of a page below a heading."""
    return re.findall(r"```python\n(.*?)```", page.read_text().split(heading)[1], re.DOTALL)


def test_one_file_and_one_config(repo: Path, tmp_path: Path, monkeypatch) -> None:
    loss, config = blocks(repo / "docs" / "design.md", "## Adding a loss")[:2]
    (tmp_path / "same_progress_loss.py").write_text(loss)
    path = tmp_path / "config.py"
    path.write_text(config.replace("./la2ds_toy.py", str(repo / "configs" / "la2ds_toy.py")))
    monkeypatch.syspath_prepend(str(tmp_path))
    cfg = Config.fromfile(str(path))
    try:
        cfg.train_dataloader.update(num_workers=0, persistent_workers=False, batch_size=3)
        cfg.train_dataloader.dataset.update(num_sequences=3, length=(40, 44))
        with DefaultScope.overwrite_default_scope("mmalign"):
            torch.manual_seed(0)
            model = MODELS.build(cfg.model.to_dict()).train()
            (batch, *_) = Runner.build_dataloader(cfg.train_dataloader, seed=0)
        losses = model(**model.data_preprocessor(batch, True), mode="loss")
        assert list(losses) == ["loss_progress"]
        losses["loss_progress"].backward()
        assert model.losses.progress.frames.num_frames == 32

        # A pair by hand: the neighbour's progress is a mean, with these weights.
        za, zb = torch.zeros(1, 1, 2), torch.tensor([[[0.0, 0], [0, 0.1], [0, 0]]])
        ta, tb = torch.tensor([[2.0]]), torch.tensor([[0.0, 8, 5]])
        masks = torch.tensor([[True]]), torch.tensor([[True, True, False]])
        found = model.losses.progress.pair(
            za, zb, ta, tb, torch.tensor([4.0]), torch.tensor([10.0]), *masks
        )
        share = 1 / (1 + torch.e)
        assert found.item() == pytest.approx((0.8 * share - 0.5) ** 2, abs=1e-6)
    finally:
        MODELS.module_dict.pop("SameProgressLoss", None)
        sys.modules.pop("same_progress_loss", None)


def test_a_method_beside_the_others(repo: Path, tmp_path: Path, monkeypatch) -> None:
    (config, *_) = blocks(repo / "docs" / "peers.md", "## Adding a method")
    loss = blocks(repo / "docs" / "design.md", "## Adding a loss")[0]
    (tmp_path / "same_progress_loss.py").write_text(loss)
    path = tmp_path / "config.py"
    path.write_text(config.replace("../../_base_/", f"{repo}/configs/_base_/"))
    monkeypatch.syspath_prepend(str(tmp_path))
    write_dataset(tmp_path / "data", num_train=3, num_val=1, length=(36, 40))
    options = {"model.data_preprocessor.skeleton": "coco17", "train_dataloader.batch_size": 3}
    try:
        cfg = load_config(path, options, tmp_path / "data")
        table = load_config(repo / "configs/baselines/shared/tcc.py", options, tmp_path / "data")
        assert {**cfg.model, "losses": None} == {**table.model, "losses": None}
        assert cfg.train_dataloader == table.train_dataloader
        with DefaultScope.overwrite_default_scope("mmalign"):
            model = MODELS.build(cfg.model.to_dict()).train()
            (batch, *_) = Runner.build_dataloader(cfg.train_dataloader, seed=0)
        losses = model(**model.data_preprocessor(batch, True), mode="loss")
        assert list(losses) == ["loss_progress"] and losses["loss_progress"] > 0
    finally:
        MODELS.module_dict.pop("SameProgressLoss", None)
        sys.modules.pop("same_progress_loss", None)
