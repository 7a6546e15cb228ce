"""The README's commands as written."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

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


@pytest.mark.slow
def test_the_demo_trains_and_scores(repo, tmp_path):
    demo = shlex.split(commands(repo)[0].split("&&")[1])
    # The console script of the environment that runs the tests.
    program = [str(Path(sys.executable).with_name(demo[0])), *demo[1:]]
    run = subprocess.run(
        [*program, "--work-dir", str(tmp_path), "--cfg-options", *LESS],
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
