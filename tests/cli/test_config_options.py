"""Configs and the options that change them; each mistake is a line that says what to do."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from mmalign.cli.config import iterate_datasets, load_config, parse_holdout
from mmalign.errors import InputError

TEXT = """
train_dataloader = dict(
    batch_size=2, dataset=dict(type='Poses', data_root='data/x', split='train', action=None)
)
val_dataloader = dict(
    dataset=dict(
        type='ConcatDataset',
        datasets=[
            dict(type='RepeatDataset', times=2, dataset=dict(type='Poses', data_root='data/x')),
            dict(type='Toy', seed=1),
        ],
    )
)
test_dataloader = val_dataloader
model = dict(type='Model', depth=3, layers=[dict(width=1)])
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.py"
    path.write_text(TEXT)
    return path


def test_data_root_and_action_reach_every_data_set(config: Path) -> None:
    cfg = load_config(config, data_root="/elsewhere", action=["squat"], seed=7)
    datasets = list(iterate_datasets(cfg))
    assert [d["type"] for d in datasets] == ["Poses", "Poses", "Toy", "Poses", "Toy"]
    for dataset in datasets:
        if dataset["type"] == "Poses":
            assert (dataset["data_root"], dataset["action"]) == ("/elsewhere", "squat")
        else:
            assert dict(dataset) == {"type": "Toy", "seed": 1}
    assert cfg.randomness == {"seed": 7}
    assert load_config(config, action=["a", "b"]).train_dataloader.dataset.action == ["a", "b"]


def test_holdout_reaches_every_data_set(config: Path) -> None:
    cfg = load_config(config, holdout=parse_holdout("1/3"))
    assert [d["holdout"] for d in iterate_datasets(cfg)] == [(1, 3)] * 5
    for text in ("3/3", "1", "a/b", "-1/3"):
        with pytest.raises(argparse.ArgumentTypeError, match="K/N"):
            parse_holdout(text)


def test_options_change_entries(config: Path) -> None:
    options = {"model.depth": 5, "model.layers.0.width": 2, "train_cfg.max_epochs": 1}
    cfg = load_config(config, options)
    assert (cfg.model.depth, cfg.model.layers[0].width, cfg.train_cfg.max_epochs) == (5, 2, 1)


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("trian_cfg.max_epochs", "did you mean train_cfg?"),
        ("modle.depth", "did you mean model?"),
        ("zzz", "has: model, test_dataloader"),
        ("model.layers.7.width", "does not fit"),
        ("model.depth.x", "does not fit"),
    ],
)
def test_misspelt_options_are_an_error(config: Path, option: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        load_config(config, {option: 1})
    assert "--cfg-options" in str(caught.value)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a = (1,\n", r"line 1: '\(' was never closed"),
        ("_base_ = ['missing.py']\n", r"base is missing: .*missing\.py"),
        ("a = 1 / 0\n", "ZeroDivisionError"),
        ("custom_imports = dict(imports=['no_such_module_at_all'])\n", "no_such_module_at_all"),
    ],
)
def test_broken_configs_are_an_error(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "broken.py"
    path.write_text(text)
    with pytest.raises(InputError, match=rf"broken\.py: .*{message}"):
        load_config(path)


def test_missing_and_foreign_files_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.py: no such config file"):
        load_config(tmp_path / "none.py")
    (tmp_path / "a.yaml").write_text("a: 1")
    with pytest.raises(InputError, match=r"a\.yaml: a \.yaml file; expected a Python config"):
        load_config(tmp_path / "a.yaml")


def test_options_that_no_data_set_reads_are_an_error(tmp_path: Path) -> None:
    path = tmp_path / "toy.py"
    path.write_text("train_dataloader = dict(dataset=dict(type='Toy'))\n")
    with pytest.raises(InputError, match=r"--data-root /x: no data set of .*toy\.py reads one"):
        load_config(path, data_root="/x")
    with pytest.raises(InputError, match="--action squat: no data set"):
        load_config(path, action="squat")
