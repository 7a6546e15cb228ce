"""Tables and files of results."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from rich.console import Console

from mmalign.evaluation.report import rich_tables, table_of, unflatten, write_json, write_markdown

RESULT = {
    "published": {"acc@1.0": 0.9, "tau": float("nan"), "tau_stride": 2},
    "trimmed": {"acc@1.0": 0.8, "event_error": 0.05, "event_pairs": 7},
    "floors": {
        "frame_number": {"published": {"acc@1.0": 0.7, "tau": 1.0}, "trimmed": {"acc@1.0": 0.6}},
        "majority": {"published": {"acc@1.0": 0.5}},
    },
    "std": {"published": {"acc@1.0": 0.0123, "tau": None}},
}


def test_unflatten_keeps_the_protocols_figures() -> None:
    flat = {"published/acc@1.0": 0.5, "trimmed/AP@5": 0.25, "loss": 1.0}
    assert unflatten(flat) == {"published": {"acc@1.0": 0.5}, "trimmed": {"AP@5": 0.25}}


def test_table_has_floors_beside_the_model_and_no_counts() -> None:
    assert table_of(RESULT, "published") == (
        ["model", "frame number", "majority"],
        [("acc@1.0", ["0.900 ± 0.012", "0.700", "0.500"]), ("tau", ["–", "1.000", "–"])],
    )
    rows = table_of(RESULT, "trimmed")[1]
    assert rows == [("acc@1.0", ["0.800", "0.600", "–"]), ("event_error", ["0.050", "–", "–"])]
    assert table_of({"published": {"tau": 1.0}}, "trimmed")[1] == []


def test_tables_fit_a_terminal() -> None:
    floors = dict.fromkeys(["clock", "frame_number", "raw_pose", "untrained", "majority"], {})
    console = Console(width=80, record=True, file=open("/dev/null", "w"))  # noqa: SIM115
    for table in rich_tables({**RESULT, "floors": floors}):
        console.print(table)
    text = console.export_text()
    assert "0.900 ± 0.012" in text and "untrained" in text and "…" not in text


def test_markdown(tmp_path: Path) -> None:
    write_markdown(tmp_path / "m.md", "title", RESULT)
    lines = (tmp_path / "m.md").read_text().splitlines()
    assert lines[0] == "# title"
    assert "| acc@1.0 | 0.900 ± 0.012 | 0.700 | 0.500 |" in lines
    assert lines.index("## Trimmed protocol") > lines.index("## Published protocol")


def test_json_has_no_nan_and_no_numpy(tmp_path: Path) -> None:
    content = {"a": float("nan"), "b": [np.float64(0.5), np.int64(2), (True, None)], "c": "x"}
    write_json(tmp_path / "m.json", content)
    assert json.loads((tmp_path / "m.json").read_text()) == {
        "a": None,
        "b": [0.5, 2, [True, None]],
        "c": "x",
    }
