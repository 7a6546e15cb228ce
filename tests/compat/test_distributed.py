"""Two processes on CPUs train one model."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from mmengine.config import Config

from mmalign.compat import prepare_cpu_processes, read_checkpoint
from mmalign.errors import InputError

pytestmark = pytest.mark.skipif(torch.cuda.is_available(), reason="for machines without a GPU")


def launch(
    repo: Path, folder: Path, script: str, arguments: list[str]
) -> subprocess.CompletedProcess[str]:
    """Run a script of tools/ in ``folder``; MMEngine leaves an empty .dist_test where it runs."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "PYTHONPATH": os.pathsep.join([str(repo / "tests" / "fixtures"), str(repo)]),
        "PORT": str(port),
    }
    return subprocess.run(
        ["bash", str(repo / "tools" / script), *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
    )


@pytest.mark.slow
def test_two_processes_train_and_resume(repo: Path, dummy_config: Path, tmp_path: Path) -> None:
    for name, options in (
        ("whole", []),
        ("resumed", ["--resume", str(tmp_path / "whole" / "epoch_2.pth")]),
    ):
        arguments = [str(dummy_config), "2", "--work-dir", str(tmp_path / name), *options]
        # Each process draws its own dropout.
        arguments += ["--cfg-options", "randomness.diff_rank_seed=True"]
        done = launch(repo, tmp_path, "dist_train.sh", arguments)
        assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    whole, resumed = (
        read_checkpoint(tmp_path / name / "epoch_3.pth") for name in ("whole", "resumed")
    )
    # 8 samples in batches of 2 on 2 processes: 2 steps an epoch.
    assert whole["meta"]["iter"] == 6
    states = whole["random_states"]
    assert len(states) == 2
    assert not torch.equal(states[0]["torch"], states[1]["torch"])
    for name, weight in whole["state_dict"].items():
        assert torch.equal(weight, resumed["state_dict"][name]), name


@pytest.mark.slow
def test_two_processes_score_as_one(repo: Path, tmp_path: Path) -> None:
    from scored_training import KeypointModel, write_data

    from mmalign.cli.test import main

    write_data(tmp_path / "data")
    torch.manual_seed(1)
    torch.save({"state_dict": KeypointModel().state_dict()}, tmp_path / "model.pth")
    config = str(repo / "tests" / "fixtures" / "scored_config.py")
    rest = ["--data-root", str(tmp_path / "data"), "--out"]
    assert main([config, str(tmp_path / "model.pth"), *rest, str(tmp_path / "one")]) == 0
    arguments = [config, str(tmp_path / "model.pth"), "2", *rest, str(tmp_path / "two")]
    done = launch(repo, tmp_path, "dist_test.sh", arguments)
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    one, two = (json.loads((tmp_path / n / "metrics.json").read_text()) for n in ("one", "two"))
    for protocol in ("published", "trimmed"):
        assert two[protocol] == pytest.approx(one[protocol], abs=1e-6, nan_ok=True)


def test_only_torchrun_starts_processes_on_cpus(monkeypatch) -> None:
    monkeypatch.delenv("RANK", raising=False)
    with pytest.raises(InputError, match=r"--launcher pytorch: .*torchrun.*RANK.*dist_train\.sh"):
        prepare_cpu_processes(Config(), "pytorch")
    with pytest.raises(InputError, match="--launcher slurm"):
        prepare_cpu_processes(Config(), "slurm")


def test_one_process_needs_nothing() -> None:
    cfg = Config()
    prepare_cpu_processes(cfg, "none")
    assert dict(cfg) == {}


def test_upstream_still_needs_this(monkeypatch) -> None:
    from mmengine.dist import init_dist

    for name, value in {"RANK": "0", "LOCAL_RANK": "0", "WORLD_SIZE": "1"}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(Exception, match="CUDA|cuda"):
        init_dist("pytorch", backend="gloo")


@pytest.mark.parametrize("script", ["dist_train", "dist_test", "slurm_train", "slurm_test"])
def test_scripts_say_how_they_are_used(repo: Path, tmp_path: Path, script: str) -> None:
    done = launch(repo, tmp_path, f"{script}.sh", [])
    assert done.returncode == 2
    assert f"tools/{script}.sh" in done.stderr
