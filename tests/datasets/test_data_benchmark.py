"""``tools/benchmark/data.py`` on a small data set; its figures at scale are in docs/data.md."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
def test_it_prints_its_figures_and_a_worker_s_memory_stays(tmp_path: Path, repo: Path) -> None:
    command = [sys.executable, "tools/benchmark/data.py", "--root", str(tmp_path)]
    done = subprocess.run(
        [*command, "--sequences", "1600"],
        cwd=repo, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert "1,600 sequences open in" in done.stdout
    assert re.search(r"a sample takes \d.* to read from the disk .* to decompress", done.stdout)
    start, end, most = map(
        float,
        re.findall(r"resident memory .*?([\d.]+) MiB at .*?([\d.]+) at .*?([\d.]+)", done.stdout)[
            0
        ],
    )
    assert most - start < 10 and end - start < 10
