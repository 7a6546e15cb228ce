"""The tools about frames beside poses, end to end on few clips."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
FUSED = "configs/fusion/la2ds_rgb_pose_toy.py"


def run(repo: Path, *command: str, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, *command], cwd=repo, capture_output=True, text=True, timeout=600,
        check=False, env={**os.environ, **environment},
    )  # fmt: skip


def test_the_benchmark_times_an_epoch_of_decoding_and_one_of_the_cache(repo, tmp_path):
    small = ["train_dataloader.batch_size=2", "train_dataloader.num_workers=1"]
    root = ["--root", str(tmp_path), "--clips", "4", "--cfg-options", *small]
    done = run(repo, "tools/benchmark/frames.py", FUSED, *root)
    assert done.returncode == 0, done.stderr[-2000:]
    epochs = re.findall(r"epoch, (\w+).*: \d+ ms a step, [\d.]+% of it waiting", done.stdout)
    assert epochs == ["decoding", "from"]
    assert re.search(r"loading a batch \d+ ms, a step \d+ ms", done.stdout)
    assert len(list((tmp_path / "cache").iterdir())) == 8


def test_cameras_are_aligned_with_and_without_frames(repo, tmp_path):
    data = os.environ.get("MMALIGN_DATA")
    if not data or not Path(data, "pose2sim_balancing").is_dir():
        pytest.skip("needs Pose2Sim's recording: set MMALIGN_DATA to where pose2sim_balancing/ is")
    few = ["train_cfg.max_epochs=1", "train_dataloader.dataset.repeat=4"]
    options = [*few, *(f"stages.{name}.options.{k}" for name in ("pose", "rgb") for k in few)]
    done = run(
        repo, "tools/analysis/align_cameras.py", str(Path(data, "pose2sim_balancing")),
        "--work-dir", str(tmp_path), "--num", "2", "--cfg-options", *options,
        MMALIGN_CACHE=str(tmp_path / "cache"),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    figure = r" +\w+ +[\d.]+ +[\d.]+ +[\d.]+"
    for way in ("pose", "RGB", "both", "raw pose"):
        assert len(re.findall(rf"^{way}{figure}$", done.stdout, re.MULTILINE)) == 3, done.stdout
    assert re.search(r"^clock +[\d.]+ +[\d.]+ +1.000$", done.stdout, re.MULTILINE)
    assert len(list((tmp_path / "cache/frames").glob("*.times.npy"))) == 4


def test_a_folder_that_is_no_recording_is_an_error_of_one_line(repo, tmp_path):
    tool = ("tools/analysis/align_cameras.py", str(tmp_path), "--work-dir", str(tmp_path / "w"))
    done = run(repo, *tool)
    assert done.returncode == 2
    assert done.stderr.strip().splitlines()[-1].startswith("error: ")
    assert "has no folder 'videos'" in done.stderr
