"""What every config inherits: logs, scalars, checkpoints, resuming."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from mmalign.cli.train import main


@pytest.fixture
def config(repo: Path, dummy_config: Path, tmp_path: Path) -> Path:
    """The dummy training under the default runtime instead of its own."""
    path = tmp_path / "config.py"
    runtime = repo / "configs" / "_base_" / "default_runtime.py"
    own = dummy_config.read_text().split("default_hooks")[0]
    path.write_text(f"_base_ = [{str(runtime)!r}]\n{own}")
    return path


def test_run_leaves_what_it_should(config: Path, tmp_path: Path, capsys) -> None:
    work_dir = tmp_path / "run"
    assert main([str(config), "--work-dir", str(work_dir)]) == 0
    assert {p.name for p in work_dir.glob("*.pth")} == {"epoch_2.pth", "epoch_3.pth"}
    assert set(torch.load(work_dir / "epoch_3.pth", weights_only=True)) >= {
        "state_dict",
        "optimizer",
        "param_schedulers",
        "message_hub",
        "random_states",
    }
    (events,) = work_dir.glob("*/vis_data/events.out.tfevents.*")
    scalars = EventAccumulator(str(events.parent))
    scalars.Reload()
    assert {"loss", "lr", "score"} <= set(scalars.Tags()["scalars"])

    (log,) = work_dir.glob("*/*.log")
    text = log.read_text()
    assert "eta: " in text  # The progress display.
    # Every registry that a run builds from has a child of our scope.
    assert "Failed to search registry" not in text

    assert main([str(config), "--work-dir", str(work_dir), "--resume"]) == 0
    assert "resumed epoch: 3" in max(work_dir.glob("*/*.log")).read_text()
