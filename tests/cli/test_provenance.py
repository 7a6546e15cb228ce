"""What a result was computed with."""

from __future__ import annotations

from pathlib import Path

import pytest
from mmengine.config import Config

from mmalign.cli.provenance import config_hash, data_hash, package_versions


def config(**changes: object) -> Config:
    dataset = {"type": "D", "data_root": "a", "action": "wave", "split": "train"}
    cfg = Config(
        {
            "model": {"depth": 2},
            "train_dataloader": {"dataset": dataset},
            "randomness": {"seed": 0},
            "work_dir": "w",
        }
    )
    cfg.merge_from_dict(changes)
    return cfg


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("work_dir", "elsewhere"),
        ("launcher", "pytorch"),
        ("randomness.seed", 5),
        ("train_dataloader.dataset.action", "jump"),
        ("train_dataloader.dataset.data_root", "b"),
    ],
)
def test_hash_is_the_recipe_s(key: str, value: object) -> None:
    assert config_hash(config(**{key: value})) == config_hash(config())


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("model.depth", 3),
        ("randomness.deterministic", True),
        ("train_dataloader.dataset.split", "val"),
        ("train_dataloader.dataset.seed", 1),
    ],
)
def test_hash_sees_every_other_change(key: str, value: object) -> None:
    assert config_hash(config(**{key: value})) != config_hash(config())


def test_data_hash_follows_the_index(tmp_path: Path) -> None:
    cfg = config(**{"train_dataloader.dataset.data_root": str(tmp_path)})
    assert data_hash(cfg) is None
    (tmp_path / "index.json").write_text("{}")
    first = data_hash(cfg)
    (tmp_path / "index.json").write_text('{"a": 1}')
    assert first is not None and data_hash(cfg) != first


def test_versions() -> None:
    versions = package_versions()
    assert {"python", "mmalign", "torch", "mmengine", "numpy", "scikit-learn"} <= set(versions)
