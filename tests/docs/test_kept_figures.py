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


def test_what_is_said_of_the_recipe_beside_casa_holds(repo: Path) -> None:
    """docs/design.md: ahead on every action, and less than a tenth lost when limbs are missing."""
    trimmed: dict[str, dict[str, float]] = {}
    for model in ("baselines_casa_long", "la2ds_plus"):
        for case in ("", "_corrupt_missing_1"):
            folder = repo / "docs/results/ablations" / f"{model}_penn_action_cpu{case}"
            actions = json.loads((folder / "metrics.json").read_text())["actions"]
            trimmed[model + case] = {a: one["trimmed"]["acc@1.0"] for a, one in actions.items()}
    casa, plus = trimmed["baselines_casa_long"], trimmed["la2ds_plus"]
    assert len(casa) == 5 and all(plus[action] > casa[action] for action in casa)
    lost = {
        model: sum(trimmed[model].values()) - sum(trimmed[f"{model}_corrupt_missing_1"].values())
        for model in ("baselines_casa_long", "la2ds_plus")
    }
    assert 0 < lost["la2ds_plus"] < lost["baselines_casa_long"] / 10
