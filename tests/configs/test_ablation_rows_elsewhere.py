"""Rows of the ablation tables whose data is not here: their configs train and are scored.

And one whose network no other test trains.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mmalign.cli.config import iterate_datasets, load_config
from mmalign.cli.stages import stages_of
from mmalign.cli.test import main as score
from mmalign.cli.train import main as train_model
from mmalign.evaluation.ablation import read_tables
from mmalign.poses.pose_file import read_pose_file, write_pose_file
from mmalign.skeletons import get_skeleton
from mmalign.toy import write_dataset

# Rows with frames are built here and their kind is trained in tests/cli/test_stages.py.
WITHOUT_FRAMES = (
    "baselines_casa_3d_h2o",
    "joint_transformer_3d",
    "la2ds_ikea_asm",
    "openpose",
    "projected",
    "projected_ikea_asm",
)
SMALL = ["train_cfg.max_epochs=1", "train_dataloader.dataset.repeat=1"]
SMALL += [f"{part}_dataloader.num_workers=0" for part in ("train", "test")]
SMALL += [f"{part}_dataloader.persistent_workers=False" for part in ("train", "test")]
SMALL += ["train_dataloader.batch_size=2"]


def rows(repo: Path) -> dict[str, str]:
    """Per row that needs something its config."""
    tables = read_tables(repo / "configs/ablations/tables.py").values()
    return {
        row.training: row.config
        for table in tables
        for row in table.rows
        if row.needs and not row.train
    }


def test_they_are_those_tested_here(repo: Path) -> None:
    assert {n for n, config in rows(repo).items() if "rgb" not in config} == set(WITHOUT_FRAMES)


def test_all_parts_of_a_config_have_one_skeleton(repo: Path) -> None:
    found = {}
    for name, config in rows(repo).items():
        cfg = load_config(repo / "configs/ablations" / f"{config}.py")
        parts = [cfg, *(load_config(s.config, s.options) for s in stages_of(cfg).values())]
        found[name] = {one.skeleton for part in parts for one in iterate_datasets(part)}
        found[name].add(cfg.model.data_preprocessor.skeleton)
    assert all(len(skeletons) == 1 for skeletons in found.values()), found
    assert found["projected_rgb"] == {"smpl24"} and found["openpose_rgb"] == {"body25"}


@pytest.mark.slow
@pytest.mark.parametrize("name", [*WITHOUT_FRAMES, "stgcn_casa"])
def test_trained_and_scored_on_made_poses(repo: Path, tmp_path: Path, name: str) -> None:
    config = repo / "configs/ablations" / f"{rows(repo).get(name, name)}.py"
    skeleton = load_config(config).model.data_preprocessor.skeleton
    data = tmp_path / "data"
    write_dataset(data, num_train=2, num_val=2, length=(36, 40))
    # A toy body's joints over and over: what is tested is that joints of that number go through.
    count = get_skeleton(skeleton).num_joints
    for file in (data / "poses").iterdir():
        made = read_pose_file(file)
        joints = np.arange(count) % made.scores.shape[1]
        keypoints = made.keypoints[:, joints]
        write_pose_file(
            file,
            replace(
                made,
                skeleton=skeleton,
                keypoints=keypoints,
                scores=made.scores[:, joints],
                keypoints3d=np.concatenate([keypoints / 100, keypoints[..., :1] / 50], axis=2),
            ),
        )
    index = json.loads((data / "index.json").read_text())
    (data / "index.json").write_text(json.dumps({**index, "skeleton": skeleton}))

    options = ["--data-root", str(data), "--action", "lift", "--cfg-options", *SMALL]
    assert train_model([str(config), "--work-dir", str(tmp_path / "w"), *options]) == 0
    checkpoint, out = str(tmp_path / "w/epoch_1.pth"), ["--out", str(tmp_path), "--floors"]
    assert score([str(config), checkpoint, *out, *options]) == 0
    figures = json.loads((tmp_path / "metrics.json").read_text())
    for scored in (figures, figures["floors"]["untrained"], figures["floors"]["raw_pose"]):
        assert 0 < scored["trimmed"]["AP@5"] <= 1
