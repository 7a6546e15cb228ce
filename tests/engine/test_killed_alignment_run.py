"""The real network's training, killed in mid-epoch and resumed, scores the same to the last bit."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from scored_training import write_data

from mmalign.compat import read_checkpoint

CONFIG = """
_base_ = [{base!r}]
custom_imports = dict(imports=["mmalign.engine", "dummy_training"])
poses = dict(data_root={data!r}, action="wave", skeleton="coco17")
model = dict(data_preprocessor=dict(skeleton="coco17"))
train_cfg = dict(max_epochs=2)
train_dataloader = dict(batch_size=2, dataset=dict(repeat=2, **poses))
test_dataloader = dict(dataset=dict(dataset=poses))
default_hooks = dict(checkpoint=dict(interval=1))
"""


def call(command: str, *arguments: object, status: int = 0) -> None:
    """Run a command in a process of its own, as a user does."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-m", f"mmalign.cli.{command}", *map(str, arguments)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == status, (done.stdout + done.stderr)[-3000:]


@pytest.mark.slow
def test_killed_run_scores_the_same(repo: Path, tmp_path: Path) -> None:
    write_data(tmp_path / "data")
    config = tmp_path / "config.py"
    base = str(repo / "configs" / "la2ds_plus_penn_action_cpu.py")
    config.write_text(CONFIG.format(base=base, data=str(tmp_path / "data")))

    # The loss between clips joins in the second epoch.
    options = ["--cfg-options", "custom_hooks.4.begin=1"]
    call("train", config, "--work-dir", tmp_path / "whole", *options)
    # 5 clips twice in batches of 2: 5 steps an epoch; the process dies before the eighth.
    kill = [*options, "default_hooks.kill.type=KillHook", "default_hooks.kill.at=7"]
    call("train", config, "--work-dir", tmp_path / "cut", *kill, status=-signal.SIGKILL)
    assert not (tmp_path / "cut" / "epoch_2.pth").exists()
    call("train", config, "--work-dir", tmp_path / "cut", "--resume", *options)

    results = []
    for name in ("whole", "cut"):
        checkpoint = tmp_path / name / "epoch_2.pth"
        call("test", config, checkpoint, "--out", tmp_path / name)
        results.append((tmp_path / name / "metrics.json").read_text())
    assert results[0] == results[1]
    assert {"published", "trimmed"} <= set(json.loads(results[0]))
    whole, cut = (read_checkpoint(tmp_path / n / "epoch_2.pth") for n in ("whole", "cut"))
    for name, weight in whole["state_dict"].items():
        assert torch.equal(weight, cut["state_dict"][name]), name
    history = [
        c["message_hub"]["log_scalars"]["train/loss"]["history_buffer"] for c in (whole, cut)
    ]
    assert torch.equal(history[0]["log"], history[1]["log"])
    assert len(history[0]["log"]) == 10
