"""Tables of ablations: trainings are shared, kept results stand, and one row runs for real."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from mmalign.cli.run_ablation import main
from mmalign.cli.runs import Run
from mmalign.errors import InputError
from mmalign.poses.pose_file import read_pose_file, write_pose_file
from mmalign.toy import write_dataset

FIGURES = {"acc@1.0": 0.5, "progress": 0.4, "tau": 0.3, "AP@5": 0.2, "event_error": 0.1}


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    """A prepared data set of two labelled actions; the figures are not those of real ones."""
    root = tmp_path_factory.mktemp("ablation") / "data"
    write_dataset(root, ("lift", "throw"), num_train=4, num_val=3, length=(40, 44))
    return root


@pytest.fixture
def calls(monkeypatch) -> list[tuple[str, list[str]]]:
    """A stand-in for the processes: writes what they would, and notes how it was called."""
    noted: list[tuple[str, list[str]]] = []

    def call(self: Run, command: str, arguments: list[str], environment: dict, *_: object) -> None:
        noted.append((command, arguments))
        if command == "train":
            (self.folder / "train").mkdir(parents=True, exist_ok=True)
            saved = {"meta": {"iter": 7}, "state_dict": {}}
            torch.save(saved, self.folder / "train" / "epoch_1.pth")
            (self.folder / "timing.json").write_text('{"train_seconds": 30}')
            return
        content = {name: FIGURES for name in ("published", "trimmed")}
        known = {**self.identity, "data_hash": self.scored_data_hash}
        content = {**content, "floors": {"clock": content}, **known}
        (self.results / "metrics.json").write_text(json.dumps(content))

    monkeypatch.setattr(Run, "_call", call)
    return noted


def run(data: Path, folder: Path, table: str, *options: str) -> int:
    places = ["--work-dir", str(folder / "w"), "--results", str(folder / "r")]
    return main([table, "--data-root", str(data), "--actions", "lift", *places, *options])


def test_tests_share_a_training_and_kept_rows_are_not_run_again(data, tmp_path, calls, capsys):
    assert run(data, tmp_path, "4", "--seeds", "1") == 0
    # CASA and LA2DS, each trained clean and noisy; of five rows each the clean one tests in place.
    trainings = [arguments for command, arguments in calls if command == "train"]
    assert len({arguments[arguments.index("--work-dir") + 1] for arguments in trainings}) == 4
    assert sum("noise:1" in arguments for arguments in trainings) == 4
    tests = [arguments for command, arguments in calls if command == "test"]
    assert len({arguments[arguments.index("--out") + 1] for arguments in tests}) == 10
    assert len(list((tmp_path / "r").glob("*/metrics.json"))) == 10
    kept = json.loads(
        (tmp_path / "r" / "casa_corrupt_noise_2_corrupt_on_test/metrics.json").read_text()
    )
    options = {"train": [], "test": ["--corrupt", "noise:2", "--corrupt-on", "test"]}
    assert kept["options"] == options
    calls.clear()
    assert run(data, tmp_path, "4", "--seeds", "1") == 0
    assert not calls
    printed = capsys.readouterr().out
    assert "| LA2DS, N, N | 0.500 (0.682) | 0.400 | 0.300 |" in printed
    assert "| 7 | 0.5 |" in printed
    # Where the work folder is not, as in a fresh clone, what is kept is not run again either.
    shutil.rmtree(tmp_path / "w")
    assert run(data, tmp_path, "4", "--seeds", "2") == 0
    assert {arguments[arguments.index("--seed") + 1] for _, arguments in calls} == {"1"}
    assert "seeds 0;" in printed and "seeds 0, 1;" in capsys.readouterr().out


def test_what_is_done_is_kept_when_a_later_run_fails(data, tmp_path, calls, monkeypatch):
    call = Run._call

    def fail(self: Run, *arguments: object) -> None:
        if self.seed == 1:
            raise InputError("full disk")
        call(self, *arguments)

    with monkeypatch.context() as patch:
        patch.setattr(Run, "_call", fail)
        assert run(data, tmp_path, "13", "--seeds", "2", "--actions", "lift", "throw") == 2
    kept = tmp_path / "r/paper_cpu/metrics.json"
    assert json.loads(kept.read_text())["seeds"] == [0]
    shutil.rmtree(tmp_path / "w")
    calls.clear()
    assert run(data, tmp_path, "13", "--seeds", "2", "--actions", "lift", "throw") == 0
    assert {one[one.index("--seed") + 1] for _, one in calls} == {"1"}
    summary = json.loads(kept.read_text())
    assert summary["seeds"] == [0, 1]
    seeds = summary["actions"]["throw"]["per_seed"]
    assert seeds["0"] == seeds["1"] and "clock" in seeds["0"]["floors"]
    calls.clear()
    assert run(data, tmp_path, "13", "--seeds", "2", "--actions", "lift", "throw") == 0
    assert not calls


def test_seeds_that_lack_are_found_and_nothing_kept_is_lost(data, tmp_path, calls, monkeypatch):
    options = ("13", "--actions", "lift", "throw", "--jobs", "2", "--seeds")
    assert run(data, tmp_path, *options, "3") == 0
    kept = tmp_path / "r/paper_cpu/metrics.json"
    whole = json.loads(kept.read_text())
    assert whole["seeds"] == [0, 1, 2]
    # As written by an earlier version, without floors by seed: its seeds cannot be added to.
    earlier = json.loads(kept.read_text())
    for one in earlier["actions"].values():
        for seed in one["per_seed"].values():
            del seed["floors"]
    kept.write_text(json.dumps(earlier))
    shutil.rmtree(tmp_path / "w")
    calls.clear()
    assert run(data, tmp_path, *options, "3") == 0 and not calls
    call = Run._call

    def fail(self: Run, *arguments: object) -> None:
        if self.seed == 2:
            raise InputError("full disk")
        call(self, *arguments)

    with monkeypatch.context() as patch:
        patch.setattr(Run, "_call", fail)
        assert run(data, tmp_path, *options, "4") == 2
    assert json.loads(kept.read_text()) == earlier
    # Seed 1 lacks.
    for one in whole["actions"].values():
        del one["per_seed"]["1"]
    whole["seeds"] = [0, 2]
    kept.write_text(json.dumps(whole))
    shutil.rmtree(tmp_path / "w")
    calls.clear()
    assert run(data, tmp_path, *options, "2") == 0
    assert {one[one.index("--seed") + 1] for _, one in calls} == {"1"}
    assert json.loads(kept.read_text())["seeds"] == [0, 1, 2]


def test_kept_rows_of_other_data_are_run_again(data, tmp_path, calls):
    copied = tmp_path / "data"
    shutil.copytree(data, copied)
    assert run(copied, tmp_path, "4", "--seeds", "1") == 0
    kept = tmp_path / "r/casa/metrics.json"
    assert len(json.loads(kept.read_text())["data_hashes"]["lift"]) == 16
    pose = next((copied / "poses").glob("lift*"))
    sequence = read_pose_file(pose)
    write_pose_file(pose, replace(sequence, keypoints=sequence.keypoints * 0.9))
    calls.clear()
    assert run(copied, tmp_path, "4", "--seeds", "1") == 0
    assert {command for command, _ in calls} == {"train", "test"}


def test_a_row_of_one_model_is_trained_on_all_actions_together(data, tmp_path, calls):
    options = ("beyond", "--seeds", "1", "--actions", "lift", "throw")
    assert run(data, tmp_path, *options) == 0
    trainings = [arguments for command, arguments in calls if command == "train"]
    together = [one for one in trainings if "together" in one[one.index("--work-dir") + 1]]
    assert len({one[one.index("--work-dir") + 1] for one in together}) == 1
    assert len({one[one.index("--work-dir") + 1] for one in trainings}) == 7
    assert together[0][together[0].index("--action") + 1 :][:2] == ["lift", "throw"]
    kept = json.loads(
        (tmp_path / "r/la2ds_plus_penn_action_all_cpu_corrupt_noise_1/metrics.json").read_text()
    )
    assert set(kept["actions"]) == {"lift", "throw"}
    assert len(set(kept["data_hashes"].values())) == 2
    calls.clear()
    assert run(data, tmp_path, *options) == 0
    assert not calls


def test_rows_that_cannot_run_say_so_and_layout_alone_runs_nothing(data, tmp_path, calls):
    assert run(data, tmp_path, "13", "--seeds", "0") == 0
    text = (tmp_path / "r" / "table_13.md").read_text()
    assert not calls and "| OpenPose (not run: needs OpenPose's poses of Penn Action) |" in text
    assert "| annotated joints |  |" in text


def test_an_unknown_table_is_named(data, tmp_path, capsys):
    assert run(data, tmp_path, "99") == 2
    tables = "1, 2, 3, 4, 10, 12, 13, beyond, peers, peers_faithful"
    assert f"found '99', expected {tables} or all" in capsys.readouterr().err


def test_rows_that_are_named_are_run_and_the_others_laid_out(data, tmp_path, calls, capsys):
    assert run(data, tmp_path, "peers", "--seeds", "1", "--rows", "tcc", "supervised") == 0
    trained = {arguments[0] for command, arguments in calls if command == "train"}
    assert {Path(one).name for one in trained} == {"tcc.py", "supervised.py"}
    calls.clear()
    capsys.readouterr()
    assert run(data, tmp_path, "peers", "--seeds", "1", "--rows", "sal") == 0
    assert {Path(arguments[0]).name for _, arguments in calls} == {"sal.py"}
    text = capsys.readouterr().out
    for row in ("SAL: order verification", "TCC: cycle consistency", "supervised twin"):
        assert f"| {row} | 0.500 | 0.400 | 0.300 |" in text
    assert "| TCN: time contrast, one view |  |" in text and "| *clock* | 0.500 |" in text
    assert run(data, tmp_path, "peers", "--rows", "tcc", "dtw") == 2
    assert "--rows: found dtw, expected some of sal, tcn, tcc, " in capsys.readouterr().err


def test_a_learning_rate_is_chosen_on_held_out_training_clips(
    data, tmp_path, calls, monkeypatch, capsys
):
    call = Run._call
    scores = {"0.001": 0.6, "0.003": 0.9, "0.01": None}

    def scored(self: Run, command: str, arguments: list[str], *others: object) -> None:
        call(self, command, arguments, *others)
        (rate,) = (one for one in arguments if "optimizer.lr=" in one)
        score = scores[rate.partition("lr=")[2]]
        if score is None:
            raise InputError("diverged")
        if command == "test":
            file = self.results / "metrics.json"
            content = json.loads(file.read_text())
            content["trimmed"] = {"acc@1.0": score}
            file.write_text(json.dumps(content))

    monkeypatch.setattr(Run, "_call", scored)
    options = ["peers", "--rows", "tcc", "--learning-rates"]
    assert run(data, tmp_path, *options, "1e-3", "3e-3", "1e-2") == 0
    out = capsys.readouterr().out
    assert "TCC: cycle consistency: chosen 0.003" in out and "learning rate 0.01: diverged" in out
    kept = json.loads((tmp_path / "r/learning_rates_peers.json").read_text())
    expected = {"0.001": pytest.approx(0.55), "0.003": pytest.approx(0.7)}
    assert kept == {"tcc": {"chosen": 0.003, "acc@1.0": expected}}
    for command, arguments in calls:
        assert arguments[arguments.index("--holdout") + 1] == "0/3"
        assert arguments[arguments.index("--seed") + 1] == "0"
        assert "--floors" not in arguments, command
    assert not (tmp_path / "r/table_peers.md").exists()
    # What was trained is not trained again; where nothing can be trained there is no choice.
    calls.clear()
    assert run(data, tmp_path, *options, "1e-3", "3e-3") == 0 and not calls
    assert run(data, tmp_path, *options, "1e-2") == 2


@pytest.mark.slow
def test_a_row_is_trained_and_tested_through_the_command(data, tmp_path, repo):
    small = ["train_cfg.max_epochs=1", "train_dataloader.dataset.repeat=1"]
    skeleton = "model.data_preprocessor.skeleton=coco17"
    loaders = ["train_dataloader.dataset", "test_dataloader.dataset.dataset"]
    command = [sys.executable, "tools/run_ablation.py", "13", "--data-root", str(data)]
    command += ["--actions", "lift", "--seeds", "1", "--work-dir", str(tmp_path / "w")]
    command += ["--results", str(tmp_path / "r"), "--cfg-options", *small, skeleton]
    command += [f"{loader}.skeleton=coco17" for loader in loaders]
    done = subprocess.run(command, cwd=repo, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    summary = json.loads((tmp_path / "r" / "paper_cpu" / "metrics.json").read_text())
    figure = summary["mean"]["published"]["acc@1.0"]
    assert f"| annotated joints | {figure:.3f} |" in done.stdout
