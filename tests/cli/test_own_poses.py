"""From files of poses without a label to an alignment, as docs/get_started.md goes."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import numpy as np
import pytest

from mmalign.cli.main import main
from mmalign.poses.pose_file import PoseSequence, read_pose_file, write_pose_file
from mmalign.poses.pose_index import read_index
from mmalign.toy import generate_dataset


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Four clips of somebody's own."""
    monkeypatch.chdir(tmp_path)
    for number, made in enumerate(generate_dataset("lift", 4, "train", length=(40, 50))):
        poses = PoseSequence(made.keypoints, made.scores, made.frame_size, made.fps, "coco17")
        write_pose_file(tmp_path / "src" / f"clip{number}.npz", poses)
    return tmp_path / "src"


@pytest.mark.slow
@pytest.mark.parametrize("config", ["la2ds_poses_cpu.py", "la2ds_plus_poses_cpu.py"])
def test_train_and_align(repo: Path, source: Path, config: str) -> None:
    text = (repo / "docs" / "get_started.md").read_text()
    (command,) = re.findall(r"`(mmalign train configs/la2ds_poses_cpu.py --data-root[^`]*)`", text)
    assert f"configs/{config}" in text
    arguments = [word.replace("la2ds_poses_cpu.py", config) for word in shlex.split(command)[1:]]
    arguments[1] = str(repo / arguments[1])
    assert main(["data", "convert", "npz", str(source), "--out", "data/mine"]) == 0
    less = ["--cfg-options", "train_cfg.max_epochs=1", "train_dataloader.dataset.repeat=1"]
    assert main([*arguments, *less]) == 0
    clips = [str(source / "clip0.npz"), str(source / "clip1.npz")]
    checkpoint = ["--checkpoint", "work_dirs/mine/epoch_1.pth"]
    assert main(["align", *clips, *checkpoint, "--out", "aligned"]) == 0
    assert Path("aligned").is_dir()


def test_data_that_is_not_named_is_asked_for(repo: Path, source: Path, capsys) -> None:
    assert main(["train", str(repo / "configs" / "la2ds_poses_cpu.py")]) == 2
    assert "name the folder of a prepared data set by --data-root" in capsys.readouterr().err


def test_other_joints_are_said(repo: Path, source: Path, capsys) -> None:
    assert main(["data", "convert", "npz", str(source), "--out", "data/mine"]) == 0
    config = str(repo / "configs" / "la2ds_poses_cpu.py")
    wrong = ["--cfg-options", "model.data_preprocessor.skeleton=penn13"]
    assert main(["train", config, "--data-root", "data/mine", "--work-dir", "w", *wrong]) == 2
    assert "poses have 17 joints, the network's skeleton 'penn13' has 13" in capsys.readouterr().err


@pytest.mark.slow
def test_a_config_that_validates_trains_without_labels(repo: Path, source: Path, capsys) -> None:
    assert main(["data", "convert", "npz", str(source), "--out", "data/mine"]) == 0
    config = str(repo / "configs" / "la2ds_penn_action.py")
    options = ["poses", "train_dataloader.dataset", "test_dataloader.dataset.dataset"]
    options = [f"{of}.skeleton=coco17" for of in (*options, "val_dataloader.dataset.dataset")]
    options += ["model.data_preprocessor.skeleton=coco17", "train_cfg.max_epochs=1"]
    options += ["model.encoder.spatial_depth=1", "model.encoder.temporal_depth=1"]
    options += ["train_dataloader.dataset.repeat=1", "train_dataloader.batch_size=2"]
    action = read_index("data/mine").sequences[0].action
    arguments = ["train", config, "--data-root", "data/mine", "--work-dir", "w"]
    arguments += ["--action", action, "--cfg-options", *options]
    assert main(arguments) == 0
    assert "no sequence has phase labels" in capsys.readouterr().out
    assert Path("w", "epoch_1.pth").is_file()


@pytest.mark.slow
def test_joints_of_ones_own(repo: Path, source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands of docs/data.md on the skeleton there."""
    text = (repo / "docs" / "data.md").read_text()
    Path("arm5.json").write_text(re.findall(r"```json\n(.*?)```", text, re.DOTALL)[-1])
    monkeypatch.setenv("MMALIGN_SKELETONS", "arm5.json")
    Path("poses").mkdir()
    for file in source.iterdir():
        poses = read_pose_file(file)
        arrays = dict(keypoints=poses.keypoints[:, 5:10], scores=poses.scores[:, 5:10])
        np.savez(Path("poses", file.name), fps=30, **arrays)
    (convert,) = re.findall(r"^mmalign (data convert npz MY_POSES --skeleton.*)$", text, re.M)
    assert main(shlex.split(convert.replace("MY_POSES", "poses"))) == 0
    (train,) = re.findall(r"^mmalign (train .*skeleton=arm5)$", text, re.M)
    arguments = shlex.split(train.replace("configs/", f"{repo}/configs/"))
    less = ["train_cfg.max_epochs=1", "train_dataloader.dataset.repeat=1"]
    assert main([*arguments, *less, "--work-dir", "w"]) == 0
    clips = [f"data/mine/poses/{path.name}" for path in sorted(Path("data/mine/poses").iterdir())]
    inputs = [*clips[:2], "--checkpoint", "w/epoch_1.pth", "--out", "aligned"]
    assert main(["align", *inputs, "--mirror", "auto"]) == 0
    assert Path("aligned/report.html").is_file()
    assert main(["data", "browse", "data/mine", "--out", "pictures"]) == 0
