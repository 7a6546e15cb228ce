"""What docs/design.md says a new part touches is there, and is little."""

from __future__ import annotations

import re
from pathlib import Path


def test_the_files_that_a_new_part_touches_are_there_and_few(repo: Path) -> None:
    text = (repo / "docs" / "design.md").read_text()
    section = text.split("## Adding a part\n")[1].split("\n## ")[0]
    rows = [line.split(" | ") for line in section.splitlines() if line.startswith("| ")][1:]
    assert len(rows) == 8
    for part, files, _ in rows:
        named = re.findall(r"`([\w/]+\.py)`", files)
        # A benchmark's reader lies in a folder of its own, instead of and not besides.
        new = [path for path in named if path.endswith("NAME.py") and "benchmarks" not in path]
        old = [path for path in named if not path.endswith("NAME.py")]
        assert all((repo / "mmalign" / path).is_file() for path in old), part
        assert all((repo / "mmalign" / path).parent.is_dir() for path in new), part
        assert 1 <= len(new + old) <= (3 if "modality" in part else 2), part
