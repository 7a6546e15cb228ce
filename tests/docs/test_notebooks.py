"""The notebooks run from top to bottom, and are kept without what they print."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))

# Every code cell in order in one namespace, as a notebook runs them. They are plain Python, so that
# no Jupyter has to be installed for it.
RUN = """
import json, sys
cells = json.load(open(sys.argv[1], encoding="utf-8"))["cells"]
sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
namespace = {"__name__": "__main__"}
for number, source in enumerate(sources, 1):
    exec(compile(source, f"code cell {number}", "exec"), namespace)
print("ran", len(sources), "cells")
"""


def test_there_are_notebooks() -> None:
    assert [path.name for path in NOTEBOOKS] == ["two_videos.ipynb"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_kept_without_output(path: Path) -> None:
    content = json.loads(path.read_text(encoding="utf-8"))
    assert content["nbformat"] == 4
    assert len({cell["id"] for cell in content["cells"]}) == len(content["cells"])
    code = [cell for cell in content["cells"] if cell["cell_type"] == "code"]
    assert code and all(c["outputs"] == [] and c["execution_count"] is None for c in code)


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_runs_from_top_to_bottom(path: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", RUN, path],
        cwd=tmp_path,
        env={**os.environ, "TMPDIR": str(tmp_path), "MPLBACKEND": "agg"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.rstrip().endswith("cells")
    (page,) = tmp_path.rglob("report.html")
    assert "data:" in page.read_text(encoding="utf-8")
