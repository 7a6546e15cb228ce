"""What a result was computed with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from mmengine.config import Config

from mmalign.cli.provenance import config_hash, data_hash, package_versions
from mmalign.poses.pose_file import write_pose_file
from mmalign.poses.pose_index import PoseIndex, SequenceEntry, write_index
from tests.fixtures.tiny_aligner import toy_poses


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


def test_data_hash_follows_the_content_of_the_action_s_poses(tmp_path: Path) -> None:
    cfg = config(**{"train_dataloader.dataset.data_root": str(tmp_path)})
    assert data_hash(cfg) is None
    poses = toy_poses("lift")
    files = [tmp_path / f"poses/{action}.npz" for action in ("wave", "jump")]
    entries = [
        SequenceEntry(
            file.stem, f"poses/{file.name}", "train", file.stem, poses.num_frames, 30.0, False, "a"
        )
        for file in files
    ]
    write_index(tmp_path, PoseIndex(poses.skeleton, "made", sequences=entries))
    seen = []
    for wave, jump in ((1.0, 1.0), (1.0, 1.0), (1.0, 2.0), (2.0, 2.0)):
        for file, factor in zip(files, (wave, jump), strict=True):
            write_pose_file(file, replace(poses, keypoints=poses.keypoints * factor / 2))
        seen.append(data_hash(cfg))
    first, again, other_action, changed = seen
    assert first is not None and first == again == other_action != changed
    write_index(
        tmp_path,
        PoseIndex(poses.skeleton, "made", sequences=[replace(e, split="val") for e in entries]),
    )
    assert data_hash(cfg) != changed
    both = config(
        **{
            "train_dataloader.dataset.data_root": str(tmp_path),
            "train_dataloader.dataset.action": None,
        }
    )
    orders = []
    # The protocol's first tenth, windows and held-out clips follow the order.
    for order in (entries, entries[::-1]):
        write_index(tmp_path, PoseIndex(poses.skeleton, "made", sequences=order))
        orders.append(data_hash(both))
    assert orders[0] != orders[1]
    files[0].unlink()
    assert data_hash(cfg) not in seen


def test_versions() -> None:
    versions = package_versions()
    assert {"python", "mmalign", "torch", "mmengine", "numpy", "scikit-learn"} <= set(versions)
