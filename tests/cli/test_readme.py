"""The README's commands as written."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from blob_backend import BlobBackend, write_blocks

from mmalign.cli.main import main
from mmalign.extraction import PoseExtractor, cached
from mmalign.extraction.people_sources import NetworkPeople
from mmalign.formats.catalogue import FORMATS

# Same command, less work: the full demo is a matter of minutes.
LESS = [
    "train_cfg.max_epochs=1",
    "train_dataloader.dataset.repeat=1",
    "train_dataloader.dataset.num_sequences=16",
    "test_dataloader.dataset.dataset.num_sequences=8",
]


def commands(repo: Path) -> list[str]:
    """The lines of the README's shell blocks."""
    blocks = re.findall(r"```bash\n(.*?)```", (repo / "README.md").read_text(), re.DOTALL)
    return [line for block in blocks for line in block.replace("\\\n", " ").splitlines() if line]


def console_script(command: str) -> list[str]:
    """A command of the README by the console script of the environment that runs the tests."""
    program, *arguments = shlex.split(command)
    return [str(Path(sys.executable).with_name(program)), *arguments]


def test_the_first_command_prints_what_the_readme_shows(repo, tmp_path):
    demo = console_script(commands(repo)[0].split("&&")[1])
    run = subprocess.run(demo, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr[-2000:]
    assert (tmp_path / "work_dirs" / "demo" / "report.html").is_file()
    shown = re.findall(r"and prints:\n\n```\n(.*?)```", (repo / "README.md").read_text(), re.DOTALL)
    number = r"\d+(?:\.\d+)?"
    assert [re.sub(number, "N", run.stdout)] == [re.sub(number, "N", text) for text in shown]
    # Other processors round otherwise.
    found, wanted = (list(map(float, re.findall(number, text))) for text in (run.stdout, *shown))
    assert found == pytest.approx(wanted, rel=0.1, abs=0.5)


def test_two_videos_of_ones_own(repo, tmp_path, monkeypatch, capsys):
    """As written, with an estimator of coloured blocks in the place of the one for people."""
    (align,) = (line for line in commands(repo) if line.startswith("mmalign align"))
    command, *arguments = shlex.split(align)[1:]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MMALIGN_CACHE", str(tmp_path / "cache"))
    extractor = PoseExtractor(NetworkPeople(BlobBackend("coco17")))
    monkeypatch.setattr(cached, "_extractor", lambda options: extractor)
    for name in arguments[:2]:
        write_blocks(name, 40)
    assert main([command, *arguments]) == 0, capsys.readouterr().err
    assert (Path(arguments[-1]) / "report.html").is_file()
    assert f"`{arguments[-1]}/report.html` plays both" in (repo / "README.md").read_text()


@pytest.mark.slow
def test_the_demo_trains_and_scores(repo, tmp_path):
    assert "`mmalign demo --train` trains" in (repo / "README.md").read_text()
    run = subprocess.run(
        [
            *console_script("mmalign demo --train --work-dir"),
            str(tmp_path),
            "--cfg-options",
            *LESS,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-2000:]
    metrics = json.loads((tmp_path / "metrics.json").read_text())
    assert set(metrics["floors"]) >= {"clock", "frame_number", "raw_pose", "untrained", "majority"}
    assert 0 <= metrics["trimmed"]["acc@1.0"] <= 1
    assert list(tmp_path.rglob("events.out.tfevents*"))


def test_every_file_that_the_commands_name_is_there(repo):
    words = [word for line in commands(repo) for word in shlex.split(line)]
    files = [word for word in words if word.endswith(".py") and "/" in word]
    assert files and all((repo / name).is_file() for name in files)


def test_the_number_of_formats_is_right(repo):
    counted = re.findall(r"(\d+) (?:public )?formats", (repo / "README.md").read_text())
    assert len(counted) == 2 and {int(number) for number in counted} == {len(FORMATS)}
