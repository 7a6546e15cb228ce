"""A run that is interrupted and resumed equals the one that was not, bit for bit."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmengine.runner import Runner

from mmalign.cli.train import main, resume_from, train
from mmalign.compat import read_checkpoint


def run(config: Path, work_dir: Path, *options: str, check: int = 0) -> str:
    """Train in a process of its own, as a user does; returns what it printed."""
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(config.parent), *sys.path]),
        "OMP_NUM_THREADS": "1",
    }
    command = [sys.executable, "-m", "mmalign.cli.train", str(config), "--work-dir", str(work_dir)]
    done = subprocess.run(
        [*command, *options], env=environment, capture_output=True, text=True, timeout=600
    )
    output = done.stdout + done.stderr
    assert done.returncode == check, output[-3000:]
    return output


def assert_same_run(one: Path, other: Path) -> None:
    """Weights, optimizer, generators and training history are equal."""
    a, b = read_checkpoint(one), read_checkpoint(other)
    assert a["state_dict"].keys() == b["state_dict"].keys()
    for name, weight in a["state_dict"].items():
        assert torch.equal(weight, b["state_dict"][name]), name
    for index, state in a["optimizer"]["state"].items():
        for name, value in state.items():
            assert torch.equal(value, b["optimizer"]["state"][index][name]), name
    assert a["param_schedulers"] == b["param_schedulers"]
    for mine, theirs in zip(a["random_states"], b["random_states"], strict=True):
        assert torch.equal(mine["torch"], theirs["torch"])
        assert mine["numpy"] == theirs["numpy"]
        assert mine["python"] == theirs["python"]
    for name in ("train/loss", "val/score"):
        mine, theirs = (c["message_hub"]["log_scalars"][name]["history_buffer"] for c in (a, b))
        assert torch.equal(mine["log"], theirs["log"]), name


@pytest.mark.slow
@pytest.mark.parametrize("workers", [0, 2])
def test_killed_run_resumes_to_the_same_result(
    dummy_config: Path, tmp_path: Path, workers: int
) -> None:
    loaders = [
        f"{name}_dataloader.{key}"
        for name in ("train", "val")
        for key in (f"num_workers={workers}", f"persistent_workers={workers > 0}")
    ]
    options = ["--cfg-options", *loaders]
    run(dummy_config, tmp_path / "whole", *options)

    # Steps 0-3 are epoch 1; the process dies in the middle of epoch 2.
    kill = [*options, "default_hooks.kill.type=KillHook", "default_hooks.kill.at=6"]
    cut = tmp_path / "cut"
    run(dummy_config, cut, *kill, check=-signal.SIGKILL)
    assert [path.name for path in cut.glob("epoch_*.pth")] == ["epoch_1.pth"]
    moved = cut.rename(tmp_path / "moved")  # A run's folder may have been moved since.
    run(dummy_config, moved, "--resume", *options)

    assert_same_run(tmp_path / "whole" / "epoch_3.pth", moved / "epoch_3.pth")


@pytest.fixture
def trained(dummy_config: Path, tmp_path: Path) -> tuple[Config, Path]:
    """A config and the folder of its finished run of three epochs."""
    cfg = Config.fromfile(str(dummy_config))
    cfg.work_dir = str(tmp_path / "run")
    train(cfg.copy())
    return cfg, tmp_path / "run"


def continued(cfg: Config, work_dir: Path, hooks: list | None = None, start: str = "auto") -> Path:
    """Resume ``cfg`` for one more epoch in a fresh runner; returns the new checkpoint."""
    cfg = cfg.copy()
    cfg.work_dir = str(work_dir)
    resume_from(cfg, start)
    cfg.train_cfg.max_epochs = 4
    if hooks is not None:
        cfg.custom_hooks = hooks
    train(cfg)
    return work_dir / "epoch_4.pth"


def test_checkpoint_holds_tensors_and_plain_containers_only(trained) -> None:
    checkpoint = torch.load(trained[1] / "epoch_3.pth", weights_only=True)
    assert checkpoint["meta"]["epoch"] == 3
    assert checkpoint["meta"]["dataset_meta"]["sigmas"] == [1.0, 1.0, 1.0]
    assert set(checkpoint["random_states"][0]) >= {"torch", "numpy", "python"}


def test_upstream_still_needs_the_state_hook(trained) -> None:
    cfg, folder = trained
    cfg.custom_hooks = []
    with pytest.raises(ValueError, match="refused, because it holds"):
        train_without_hooks(cfg, folder)


def train_without_hooks(cfg: Config, folder: Path) -> None:
    cfg.work_dir = str(folder.parent / "upstream")
    Runner.from_cfg(cfg.copy()).train()
    read_checkpoint(folder.parent / "upstream" / "epoch_3.pth")


def test_generators_go_on_where_they_were(trained, tmp_path: Path) -> None:
    """Without the hook that keeps the generators, the resumed run is another one."""
    cfg, folder = trained
    whole = cfg.copy()
    whole.work_dir, whole.train_cfg.max_epochs = str(tmp_path / "whole"), 4
    train(whole)
    weights = [
        read_checkpoint(path)["state_dict"]["linear.weight"]
        for path in (
            tmp_path / "whole" / "epoch_4.pth",
            continued(cfg, tmp_path / "a", start=str(folder / "epoch_3.pth")),
            continued(
                cfg,
                tmp_path / "b",
                [dict(type="CheckpointStateHook"), dict(type="DatasetEpochHook")],
                start=str(folder / "epoch_3.pth"),
            ),
        )
    ]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


def test_validation_leaves_no_trace_in_training(dummy_config: Path, tmp_path: Path) -> None:
    weights = []
    for interval in (1, 3):
        cfg = Config.fromfile(str(dummy_config))
        cfg.work_dir = str(tmp_path / str(interval))
        cfg.train_cfg.val_interval = interval
        weights.append(train(cfg).model.linear.weight)
    assert torch.equal(*weights)


def test_resuming_with_equal_data_gives_no_warning(trained, caplog) -> None:
    cfg, folder = trained
    continued(cfg, folder)
    log = max(folder.glob("*/*.log"), key=lambda path: path.stat().st_mtime_ns).read_text()
    assert "resumed epoch: 3" in log
    assert "dataset metainfo" not in log


def test_resume_needs_more_than_weights(trained, dummy_config, capsys, monkeypatch) -> None:
    _, folder = trained
    weights = folder / "weights.pth"
    torch.save({"state_dict": read_checkpoint(folder / "epoch_3.pth")["state_dict"]}, weights)
    arguments = [str(dummy_config), "--work-dir", str(folder), "--resume", str(weights)]
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert "weights.pth: has no message_hub, meta, optimizer" in error
    assert "use --load-from" in error
    assert main([str(dummy_config), "--work-dir", str(folder), "--load-from", str(weights)]) == 0


@pytest.mark.parametrize("option", ["--resume", "--load-from"])
def test_weights_of_another_model_are_an_error(trained, dummy_config, capsys, option) -> None:
    _, folder = trained
    arguments = [str(dummy_config), "--work-dir", str(folder), option, str(folder / "epoch_3.pth")]
    assert main([*arguments, "--cfg-options", "model.width=5"]) == 2
    error = capsys.readouterr().err
    assert "epoch_3.pth: not this model's weights (it has linear.bias of shape (4,)" in error


def test_truncated_checkpoint_is_an_error(trained, dummy_config, capsys) -> None:
    _, folder = trained
    path = folder / "epoch_3.pth"
    path.write_bytes(path.read_bytes()[:1000])
    arguments = [str(dummy_config), "--work-dir", str(folder), "--resume"]
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert "epoch_3.pth: not a readable checkpoint" in error


def test_iteration_based_training_resumes(dummy_config: Path, tmp_path: Path) -> None:
    def config(work_dir: str, steps: int) -> Config:
        cfg = Config.fromfile(str(dummy_config))
        cfg.work_dir = str(tmp_path / work_dir)
        cfg.train_cfg = dict(by_epoch=False, max_iters=steps, val_interval=3)
        cfg.train_dataloader.sampler = dict(type="InfiniteSampler", shuffle=True)
        cfg.default_hooks.checkpoint.update(by_epoch=False, interval=4)
        cfg.param_scheduler = None
        cfg.log_processor = dict(by_epoch=False)
        return cfg

    train(config("whole", 8))
    train(config("cut", 4))
    rest = config("cut", 8)
    resume_from(rest, "auto")
    train(rest)
    a, b = (read_checkpoint(tmp_path / name / "iter_8.pth") for name in ("whole", "cut"))
    for name, weight in a["state_dict"].items():
        assert torch.equal(weight, b["state_dict"][name])
