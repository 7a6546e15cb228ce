"""``mmalign data browse``."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import cv2
import pytest

from mmalign.cli.data_browse import choose, main, training_pipeline
from mmalign.errors import InputError
from mmalign.poses.pose_index import read_index
from mmalign.toy.writer import write_dataset


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("data")
    write_dataset(root, ("lift", "throw"), num_train=3, num_val=2, length=(30, 40))
    return root


def test_choice(data: Path) -> None:
    index = read_index(data)

    def ids(*arguments, seed: int = 0) -> list[str]:
        return [index.sequences[i].id for i in choose(index, *arguments, seed)]

    everything = [entry.id for entry in index.sequences]
    assert ids(None, 99, None, None) == everything
    assert ids(None, 99, "val", "throw") == ["throw_val_0000", "throw_val_0001"]
    named = ["throw_val_0001", "lift_train_0000"]
    assert ids(named, 1, "train", "lift") == named
    three = ids(None, 3, None, None)
    assert len(three) == 3 and three == sorted(three, key=everything.index)
    assert three == ids(None, 3, None, None) and three != ids(None, 3, None, None, seed=2)


@pytest.mark.slow
def test_everything_of_a_sequence(data: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mmalign.cli.data_browse", str(data), "--out", str(tmp_path)]
    run = subprocess.run([*command, "--num", "1"], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    index = read_index(data)
    ids = [index.sequences[i].id for i in choose(index, None, 1, None, None, 0)]
    kinds = [f"{name}{end}" for name in ids for end in (".mp4", "_heatmaps.png", "_pair.png")]
    assert sorted(os.listdir(tmp_path)) == sorted([*kinds, "sheet.png"])
    assert f"wrote 4 files to {tmp_path}" in run.stdout
    for path in tmp_path.glob("*.png"):
        picture = cv2.imread(str(path))
        assert min(picture.shape[:2]) > 300 and picture.std() > 5


def test_shows_what_is_asked_for_by_the_configs_pipeline(
    data: Path, tmp_path: Path, repo: Path, capsys
) -> None:
    arguments = [str(data), "--out", str(tmp_path), "--id", "throw_val_0001", "--show", "pairs"]
    assert main([*arguments, "--config", str(repo / "configs" / "la2ds_penn_action.py")]) == 0
    assert os.listdir(tmp_path) == ["throw_val_0001_pair.png"]
    paper = (tmp_path / "throw_val_0001_pair.png").read_bytes()
    assert main(arguments) == 0
    assert (tmp_path / "throw_val_0001_pair.png").read_bytes() != paper


def test_default_pipeline_is_the_trimmed_one() -> None:
    (views,) = training_pipeline(None)
    first = [type(view.transforms[0]).__name__ for view in views.pipelines]
    assert first == ["TemporalTrim", "TemporalTrim"]


def test_a_config_without_views_is_named(repo: Path) -> None:
    with pytest.raises(InputError, match="scored_config.py: .* PackKeypoints; pairs need"):
        training_pipeline(str(repo / "tests" / "fixtures" / "scored_config.py"))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--id", "nobody"], ["--id nobody", "no such sequence", "lift_train_0000"]),
        (["--action", "fly"], ["--action fly", "lift, throw"]),
        (["--num", "0"], ["--num is 0", "at least 1"]),
        (["--show", "pairs", "--config", "none.py"], ["none.py", "no such config"]),
    ],
)
def test_errors_are_one_line(data: Path, tmp_path: Path, capsys, arguments, words) -> None:
    assert main([str(data), "--out", str(tmp_path / "out"), *arguments]) == 2
    error = capsys.readouterr().err.strip().splitlines()
    assert len(error) == 1 and error[0].startswith("error: ")
    assert all(word in error[0] for word in words)
    assert not (tmp_path / "out").exists()


def test_no_data_set(tmp_path: Path, capsys) -> None:
    assert main([str(tmp_path / "none"), "--out", str(tmp_path)]) == 2
    assert "none: no such folder" in capsys.readouterr().err
