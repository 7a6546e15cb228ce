"""The training command: where it writes, what it starts from, mixed precision."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmengine.optim import AmpOptimWrapper

from mmalign.cli.train import latest_checkpoint, main, use_mixed_precision
from mmalign.compat import read_checkpoint
from mmalign.engine import BFloat16OptimWrapper
from mmalign.errors import InputError

ONE_EPOCH = ["--cfg-options", "train_cfg.max_epochs=1"]


def test_default_folder_has_the_configs_name(dummy_config, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert main([str(dummy_config), *ONE_EPOCH]) == 0
    assert (tmp_path / "work_dirs" / "dummy_config" / "epoch_1.pth").is_file()


def test_resume_without_checkpoint_starts(dummy_config, tmp_path, capsys) -> None:
    assert main([str(dummy_config), "--work-dir", str(tmp_path), "--resume", *ONE_EPOCH]) == 0
    assert "nothing to resume" in capsys.readouterr().out
    assert (tmp_path / "epoch_1.pth").is_file()


def test_seed_decides(dummy_config, tmp_path) -> None:
    weights = []
    for name, seed in (("a", "3"), ("b", "3"), ("c", "4")):
        folder = tmp_path / name
        assert main([str(dummy_config), "--work-dir", str(folder), "--seed", seed, *ONE_EPOCH]) == 0
        weights.append(read_checkpoint(folder / "epoch_1.pth")["state_dict"]["linear.weight"])
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["none.py"], "none.py: no such config file"),
        (["CONFIG", "--load-from", "none.pth"], "none.pth: no such checkpoint file"),
        (["CONFIG", "--resume", "none.pth"], "none.pth: no such checkpoint file"),
        (["CONFIG", "--launcher", "slurm"], "--launcher slurm"),
        (["CONFIG", "--data-root", "x"], "--data-root x: no data set"),
        (["CONFIG", "--cfg-options", "model.depht=3"], "unexpected keyword argument 'depht'"),
    ],
)
def test_mistakes_are_one_line(dummy_config, tmp_path, capsys, arguments, message) -> None:
    if "slurm" in arguments and torch.cuda.is_available():
        pytest.skip("Slurm works where there are GPUs")
    arguments = [str(dummy_config) if a == "CONFIG" else a for a in arguments]
    assert main([*arguments, "--work-dir", str(tmp_path)]) == 2
    lines = [x for x in capsys.readouterr().err.splitlines() if x.startswith("error: ")]
    assert len(lines) == 1
    assert message in lines[0]


def test_options_without_a_value_are_a_usage_error(dummy_config, capsys) -> None:
    with pytest.raises(SystemExit):
        main([str(dummy_config), "--cfg-options", "foo"])
    assert "--cfg-options: found 'foo', expected KEY=VALUE" in capsys.readouterr().err


def test_weights_of_another_shape_are_refused(dummy_config, tmp_path, capsys) -> None:
    assert main([str(dummy_config), "--work-dir", str(tmp_path / "first")]) == 0
    content = torch.load(tmp_path / "first/epoch_3.pth", weights_only=False)
    for change, message in (
        ({"linear.weight": torch.zeros(7, 9)}, "it has linear.weight of shape (7, 9) for"),
        (None, "not this model's weights (it lacks linear.bias"),
    ):
        weights = {**content["state_dict"], **change} if change else {"x": torch.zeros(1)}
        torch.save({**content, "state_dict": weights}, tmp_path / "other.pth")
        start = ["--load-from", str(tmp_path / "other.pth"), "--work-dir", str(tmp_path / "second")]
        assert main([str(dummy_config), *start]) == 2
        assert message in capsys.readouterr().err
    start = ["--load-from", str(tmp_path / "first/epoch_3.pth"), "--work-dir", str(tmp_path / "s")]
    assert main([str(dummy_config), *start]) == 0


def test_a_run_that_will_be_replaced_is_told(dummy_config, tmp_path, capsys) -> None:
    for told in (False, True):
        assert main([str(dummy_config), "--work-dir", str(tmp_path)]) == 0
        said = "has checkpoints of an earlier run, which this one replaces"
        assert (said in capsys.readouterr().out) == told


def test_latest_checkpoint(tmp_path: Path) -> None:
    assert latest_checkpoint(tmp_path) is None
    assert latest_checkpoint(tmp_path / "none") is None
    for age, name in enumerate(["epoch_10.pth", "epoch_9.pth", "best_acc_epoch_11.pth"]):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (100 - age, 100 - age))
    assert latest_checkpoint(tmp_path) == tmp_path / "epoch_10.pth"
    note = tmp_path / "last_checkpoint"
    note.write_text("/another/machine/epoch_9.pth")
    assert latest_checkpoint(tmp_path) == tmp_path / "epoch_9.pth"
    note.write_text("")  # Killed between opening and writing it.
    assert latest_checkpoint(tmp_path) == tmp_path / "epoch_10.pth"


@pytest.mark.skipif(torch.cuda.is_available(), reason="for machines without a GPU")
def test_mixed_precision_on_a_cpu(dummy_config, tmp_path, monkeypatch) -> None:
    # On every CPU, also on one without bfloat16 instructions, where it would be switched off.
    monkeypatch.setattr("mmalign.engine.optim_wrapper.cpu_has_bfloat16", lambda: True)
    bits = []
    for options in ([], ["--amp"]):
        folder = tmp_path / str(len(options))
        assert main([str(dummy_config), "--work-dir", str(folder), *options, *ONE_EPOCH]) == 0
        checkpoint = read_checkpoint(folder / "epoch_1.pth")
        assert checkpoint["state_dict"]["linear.weight"].dtype == torch.float32
        history = checkpoint["message_hub"]["log_scalars"]["train/dtype_bits"]
        bits.append(history["history_buffer"]["log"].unique().tolist())
    assert bits == [[4.0], [2.0]]  # Bytes of a number that the linear layer puts out.


def test_mixed_precision_knows_its_wrappers() -> None:
    cfg = Config(dict(optim_wrapper=dict(type="Strange")))
    with pytest.raises(InputError, match="--amp: the config's optim_wrapper is a Strange"):
        use_mixed_precision(cfg)
    cfg = Config(dict(optim_wrapper=dict(type="BFloat16OptimWrapper")))
    use_mixed_precision(cfg)
    assert cfg.optim_wrapper.type == "BFloat16OptimWrapper"


@pytest.mark.skipif(torch.cuda.is_available(), reason="for machines without a GPU")
def test_upstream_still_needs_the_cpu_wrapper() -> None:
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], lr=1.0)
    with pytest.raises(AssertionError, match="only available training on gpu"):
        AmpOptimWrapper(optimizer=optimizer, dtype="bfloat16")
    BFloat16OptimWrapper(optimizer=optimizer)


@pytest.mark.slow
def test_tool_is_the_same_command(repo: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(repo / "tools" / "train.py"), "--help"], capture_output=True, text=True
    )
    assert done.returncode == 0
    assert "mmalign train" in done.stdout
    assert "examples:" in done.stdout
