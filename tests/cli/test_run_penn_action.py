"""One model per action and seed: run once, found again, summarised."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from mmalign.cli.run_penn_action import main
from mmalign.cli.runs import Run
from mmalign.poses.pose_index import read_index, write_index

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
REPO = FIXTURES.parent.parent
CONFIG = str(FIXTURES / "scored_config.py")


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with prepared ``data``, where the tests' modules are found by processes too."""
    monkeypatch.syspath_prepend(str(FIXTURES))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(FIXTURES), str(REPO)]))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.chdir(tmp_path)
    from scored_training import write_data

    write_data(tmp_path / "data")
    return tmp_path


def run(*arguments: str, data: str = "data") -> int:
    return main(["--config", CONFIG, "--data-root", data, "--work-dir", "w", *arguments])


def fake_call(calls: list[tuple[str, list[str], int]]):
    """A stand-in for the processes: writes what they would, and notes how it was called."""

    def call(self: Run, command: str, arguments: list[str], environment: dict, *_: object) -> None:
        calls.append((command, arguments, int(environment["OMP_NUM_THREADS"])))
        if command == "train":
            (self.folder / "train").mkdir(parents=True, exist_ok=True)
            meta = {"epoch": 1000, "iter": 7}
            torch.save({"meta": meta, "state_dict": {}}, self.folder / "train" / "epoch_1.pth")
            return
        value = 0.8 + self.seed / 100 + (self.action == "wave") / 10
        figures = {"published": {"acc@1.0": value}, "trimmed": {"acc@1.0": value - 0.3}}
        content = {**figures, "floors": {"clock": figures}, **self.identity}
        (self.results / "metrics.json").write_text(json.dumps(content))

    return call


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, list[str], int]]:
    noted: list[tuple[str, list[str], int]] = []
    monkeypatch.setattr(Run, "_call", fake_call(noted))
    return noted


def test_runs_every_labelled_action_and_summarises(workplace: Path, calls: list) -> None:
    assert run("--seeds", "0", "4") == 0
    assert [command for command, *_ in calls] == ["train", "test"] * 4
    summary = json.loads((workplace / "w" / "metrics.json").read_text())
    assert sorted(summary["actions"]) == ["jump", "wave"]
    assert summary["actions"]["wave"]["published"]["acc@1.0"] == pytest.approx(0.92)
    assert summary["mean"]["trimmed"]["acc@1.0"] == pytest.approx(0.57)
    assert summary["std"]["published"]["acc@1.0"] == pytest.approx(0.04 / 2**0.5)
    assert summary["seeds"] == [0, 4]
    assert {"config_hash", "versions"} <= set(summary)
    assert (workplace / "w" / "wave" / "seed_4" / "metrics.json").is_file()
    assert "± 0.028" in (workplace / "w" / "metrics.md").read_text()


def test_commands_get_action_seed_data_and_options(workplace: Path, calls: list) -> None:
    options = ["--cfg-options", "model.width=5", "train_cfg.max_epochs=1"]
    assert run("--actions", "wave", "--seeds", "3", *options) == 0
    (_, train, _), (_, test, _) = calls
    shared = "--data-root data --action wave --seed 3 --cfg-options model.width=5".split()
    assert train[: len(shared) + 1] == [CONFIG, *shared]
    assert train[-3:] == ["--work-dir", "w/wave/seed_3/train", "--resume"]
    out = [CONFIG, "w/wave/seed_3/train/epoch_1.pth", "--out", "w/wave/seed_3", "--floors"]
    assert test == [*out, *shared, "train_cfg.max_epochs=1"]


def test_one_model_is_trained_once_and_scored_on_every_action(workplace: Path, calls: list) -> None:
    assert run("--seeds", "3", "--one-model", "--jobs", "2") == 0
    folder = workplace / "w" / "together" / "seed_3"
    (trained,) = [arguments for command, arguments, _ in calls if command == "train"]
    scored = [arguments for command, arguments, _ in calls if command == "test"]
    assert "--action jump wave --seed 3" in " ".join(trained)
    assert {"--action jump --seed", "--action wave --seed"} == {
        " ".join(one[one.index("--action") :][:3]) for one in scored
    }
    assert all(one[1] == "w/together/seed_3/train/epoch_1.pth" for one in scored)
    summary = json.loads((workplace / "w" / "metrics.json").read_text())
    assert summary["actions"]["wave"]["published"]["acc@1.0"] == pytest.approx(0.93)
    assert (folder / "jump" / "metrics.json").is_file()
    assert not (folder / "metrics.json").exists()
    calls.clear()
    assert run("--seeds", "3", "--one-model") == 0
    assert not calls
    # Another set of actions is another model.
    assert run("--seeds", "3", "--one-model", "--actions", "wave") == 0
    assert [command for command, *_ in calls] == ["train", "test"]


def test_jobs_share_the_cores(
    workplace: Path, calls: list, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS")
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    assert run("--seeds", "0", "--jobs", "3") == 0
    assert {threads for *_, threads in calls} == {2}


def test_finished_runs_are_skipped(workplace: Path, calls: list, capsys) -> None:
    run("--actions", "wave", "--seeds", "0")
    first = (workplace / "w" / "metrics.json").read_bytes()
    calls.clear()
    assert run("--actions", "wave", "--seeds", "0") == 0
    assert not calls
    assert (workplace / "w" / "metrics.json").read_bytes() == first
    assert "wave, seed 0: done before" in capsys.readouterr().out
    run("--actions", "wave", "jump", "--seeds", "0")
    assert {arguments[arguments.index("--action") + 1] for _, arguments, _ in calls} == {"jump"}


def test_another_config_or_other_data_runs_anew(workplace: Path, calls: list) -> None:
    run("--actions", "wave", "--seeds", "0")
    stale = workplace / "w" / "wave" / "seed_0" / "train" / "stale.pth"
    stale.touch()
    calls.clear()
    run("--actions", "wave", "--seeds", "0", "--cfg-options", "model.width=5")
    assert len(calls) == 2 and not stale.exists()
    # What took long is not thrown away.
    assert (stale.parents[1] / "train_before_1" / "stale.pth").is_file()
    calls.clear()
    from scored_training import write_data

    write_data(workplace / "data", train=6)
    run("--actions", "wave", "--seeds", "0", "--cfg-options", "model.width=5")
    assert len(calls) == 2


def test_a_cut_training_goes_on_and_a_finished_one_is_scored(workplace: Path, calls: list) -> None:
    run("--actions", "wave", "--seeds", "0")
    folder = workplace / "w" / "wave" / "seed_0"
    kept = folder / "train" / "epoch_1.pth"
    for epoch, expected in ((0, ["train", "test"]), (1000, ["test"])):
        (folder / "metrics.json").unlink()
        meta = {"epoch": epoch, "iter": 7}
        torch.save({"meta": meta, "state_dict": {}}, kept)
        calls.clear()
        run("--actions", "wave", "--seeds", "0")
        assert kept.exists() and [command for command, *_ in calls] == expected


@pytest.mark.parametrize(
    ("arguments", "data", "words"),
    [
        ([], "nowhere", ["nowhere: does not exist", "PennAction", "prepare.py penn_action"]),
        ([], ".", ["neither index.json nor labels", "prepare.py penn_action SRC --out ."]),
        (
            ["--actions", "wave", "fly"],
            "data",
            ["fly", "both splits of fly; there are of: jump, wave;"],
        ),
        (["--actions", "unlabelled"], "data", ["unlabelled", "jump, wave"]),
        (["--jobs", "0"], "data", ["--jobs", "0"]),
        (["--cfg-options", "modle.width=5"], "data", ["modle", "did you mean model"]),
    ],
)
def test_errors_are_one_line(
    workplace: Path, calls: list, capsys, arguments: list[str], data: str, words: list[str]
) -> None:
    assert run(*arguments, data=data) == 2
    error = capsys.readouterr().err.strip()
    assert error.startswith("error: ") and "\n" not in error
    for word in words:
        assert word in error
    assert not calls


def test_actions_with_labels_in_one_split_are_told(workplace: Path, calls: list, capsys) -> None:
    index = read_index("data")
    index.sequences = [
        replace(entry, labelled=entry.labelled and (entry.action, entry.split) != ("wave", "train"))
        for entry in index.sequences
    ]
    write_index("data", index)
    halves = r"wave \(0 in train, \d+ in val\)"
    assert run("--seeds", "0") == 0
    assert re.search(f"left out, labelled in one split only: {halves}", capsys.readouterr().out)
    assert run("--actions", "wave") == 2
    assert re.search(f"and in one split only of: {halves}; put", capsys.readouterr().err)


@pytest.mark.slow
def test_a_training_that_is_left_running_keeps_its_folder(workplace: Path, capsys) -> None:
    """A command that is killed leaves its training running: another one must not join it."""
    arguments = [sys.executable, "-m", "mmalign.cli.run_penn_action", "--config", CONFIG]
    arguments += ["--data-root", "data", "--work-dir", "w", "--actions", "wave", "--seeds", "0"]
    with subprocess.Popen(arguments, stdout=subprocess.DEVNULL, start_new_session=True) as command:
        lock = workplace / "w/wave/seed_0/.lock"
        log = workplace / "w/wave/seed_0/train.log"
        while command.poll() is None and not log.exists():
            time.sleep(0.05)
        command.kill()
        command.wait()
        assert lock.exists()
        assert run("--actions", "wave", "--seeds", "0") == 2
        assert "seed_0: another command is writing there" in capsys.readouterr().err
        os.killpg(command.pid, signal.SIGKILL)
    assert run("--actions", "wave", "--seeds", "0") == 0


def test_raw_data_are_prepared_once(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from scored_training import write_data

    from mmalign.cli import penn_action_data

    raw, prepared = workplace / "raw" / "penn_action", []
    (raw / "labels").mkdir(parents=True)
    (raw / "labels" / "0001.mat").write_text("a")

    def convert(reader: penn_action_data.PennActionReader, target: Path) -> None:
        prepared.append(reader.src)
        write_data(target)

    monkeypatch.setattr(penn_action_data, "convert", convert)
    for _ in range(2):
        assert penn_action_data.prepared_data("raw", "w") == Path("w/data")
    assert prepared == [Path("raw/penn_action")]
    (raw / "labels" / "0002.mat").write_text("b")
    penn_action_data.prepared_data("raw", "w")
    assert len(prepared) == 2
    # So are they by a reader that makes other poses.
    monkeypatch.setattr(penn_action_data.PennActionReader, "VERSION", 99)
    for _ in range(2):
        penn_action_data.prepared_data("raw", "w")
    assert len(prepared) == 3


@pytest.mark.slow
def test_processes_train_score_and_report_failures(workplace: Path, capsys) -> None:
    assert run("--actions", "wave", "--seeds", "0") == 0
    folder = workplace / "w" / "wave" / "seed_0"
    summary = json.loads((workplace / "w" / "metrics.json").read_text())
    single = json.loads((folder / "metrics.json").read_text())
    assert summary["actions"]["wave"]["published"] == single["published"]
    assert summary["config_hash"] == single["config_hash"]
    assert set(json.loads((folder / "timing.json").read_text())) == {
        "train_seconds",
        "test_seconds",
        "steps",
    }
    assert summary["mean"]["training"]["steps"] > 0 < summary["mean"]["training"]["seconds"]
    capsys.readouterr()
    assert run("--actions", "jump", "--seeds", "0", "--cfg-options", "model.width=-1") == 2
    error = capsys.readouterr().err.strip()
    assert "jump, seed 0: train failed" in error and "train.log" in error and "\n" not in error


def test_a_killed_training_is_told(workplace: Path, capsys, monkeypatch) -> None:
    monkeypatch.setattr("subprocess.run", lambda *_, **__: subprocess.CompletedProcess([], -9))
    assert run("--actions", "wave", "--seeds", "0") == 2
    error = capsys.readouterr().err
    assert "wave, seed 0: train was ended by SIGKILL" in error and "it goes on" in error
