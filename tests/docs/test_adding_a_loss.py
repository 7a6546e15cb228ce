"""The loss and the config that docs/design.md shows do what it says."""

import re
import sys
from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmengine.registry import DefaultScope
from mmengine.runner import Runner

from mmalign.registry import MODELS


def test_one_file_and_one_config(repo: Path, tmp_path: Path, monkeypatch) -> None:
    text = (repo / "docs" / "design.md").read_text().split("## Adding a loss")[1]
    loss, config = re.findall(r"```python\n(.*?)```", text, re.DOTALL)[:2]
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
