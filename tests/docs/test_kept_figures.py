"""The rows of the documents' tables that name a kept result say what it says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest


def rows_of_results(text: str, results: Path) -> Iterator[tuple[list[str], list[str]]]:
    """Per row that names a kept result: its cells, and what its figures should be.

    A row of the clock is one of the result in the row before.
    """
    keys: list[tuple[str, str]] = []
    mean = None
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| | published "):
            protocol, keys = "", []
            for name in cells[1:]:
                words = name.split()
                protocol = words[0] if len(words) == 2 else protocol
                keys.append((protocol, words[-1]))
            continue
        if not line.startswith("|"):
            keys = []
        if not keys:
            continue
        if cells[0].startswith("the clock"):
            figures = mean["floors"]["clock"]
        else:
            named = [results / name for name in re.findall(r"`([\w.-]+)`", cells[0])]
            files = [folder / "metrics.json" for folder in named if folder.is_dir()]
            if not files:
                continue
            figures = mean = json.loads(files[0].read_text())["mean"]
        yield cells, [f"{figures[protocol][key]:.3f}" for protocol, key in keys]


@pytest.mark.parametrize(("page", "least"), [("README.md", 3), ("docs/design.md", 15)])
def test_the_rows_are_the_kept_results(repo: Path, page: str, least: int) -> None:
    rows = list(rows_of_results((repo / page).read_text(), repo / "docs" / "results"))
    assert len(rows) >= least
    for cells, expected in rows:
        assert cells[1:] == expected, cells[0]
