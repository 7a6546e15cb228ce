"""The tools that draw a checkpoint's embeddings, on a network that was never trained."""

from __future__ import annotations

import pytest
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope

from mmalign.registry import MODELS
from tests.fixtures.tools import load_tool

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def checkpoint(repo, tmp_path_factory):
    import mmalign.engine  # noqa: F401  Registers what the config names.

    init_default_scope("mmalign")
    model = MODELS.build(Config.fromfile(repo / "configs" / "la2ds_toy.py").model)
    path = tmp_path_factory.mktemp("weights") / "untrained.pth"
    torch.save({"state_dict": model.state_dict()}, path)
    return path


@pytest.mark.parametrize(
    ("tool", "options"),
    [
        ("tsne.py", ["--clips", "0", "1", "2", "--by", "phase"]),
        ("plot_alignment.py", ["--clips", "0", "2"]),
        ("retrieval.py", ["--clips", "0", "1", "2", "--queries", "3"]),
    ],
)
def test_a_figure_is_written(repo, checkpoint, tmp_path, capsys, tool, options):
    module = load_tool(f"analysis/{tool}")
    out = tmp_path / "figure.png"
    command = [str(repo / "configs" / "la2ds_toy.py"), str(checkpoint), "--out", str(out), *options]
    few = ["--cfg-options", "test_dataloader.dataset.dataset.num_sequences=4"]
    assert module.main([*command, *few]) == 0
    assert out.read_bytes().startswith(b"\x89PNG")
    assert module.main([*command, *few, "--clips", "0", "99"]) == 2
    assert "error: clip 99: the split 'val' has 0.." in capsys.readouterr().err
