"""Tables and files of results."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.console import Console

from mmalign.evaluation.report import rich_tables, table_of, unflatten, write_markdown

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


def test_modalities_have_a_section_each_and_columns_before_the_floors() -> None:
    flat = {"published/acc@1.0": 0.5, "rgb/published/acc@1.0": 0.25, "loss/other": 1.0}
    result = unflatten(flat | {"without_rgb/trimmed/AP@5": 0.75})
    assert result == {
        "published": {"acc@1.0": 0.5},
        "modalities": {
            "rgb": {"published": {"acc@1.0": 0.25}},
            "without_rgb": {"trimmed": {"AP@5": 0.75}},
        },
    }
    floors = {"clock": {"published": {"acc@1.0": 0.125}}}
    assert table_of({**result, "floors": floors}, "published") == (
        ["model", "rgb", "without rgb", "clock"],
        [("acc@1.0", ["0.500", "0.250", "–", "0.125"])],
    )


def test_table_has_floors_beside_the_model_and_no_counts() -> None:
    assert table_of(RESULT, "published") == (
        ["model", "frame number", "majority"],
        [("acc@1.0", ["0.900 ± 0.012", "0.700", "0.500"]), ("tau", ["–", "1.000", "–"])],
    )
    rows = table_of(RESULT, "trimmed")[1]
    assert rows == [("acc@1.0", ["0.800", "0.600", "–"]), ("event_error", ["0.050", "–", "–"])]
    assert table_of({"published": {"tau": 1.0}}, "trimmed")[1] == []


@pytest.mark.parametrize("modalities", [(), ("pose", "rgb", "without_pose", "without_rgb")])
def test_tables_fit_a_terminal(modalities: tuple[str, ...]) -> None:
    floors = dict.fromkeys(["clock", "frame_number", "raw_pose", "untrained", "majority"], {})
    console = Console(width=80, record=True, file=open("/dev/null", "w"))  # noqa: SIM115
    parts = {name: RESULT["floors"]["frame_number"] for name in modalities}
    for table in rich_tables({**RESULT, "floors": floors, "modalities": parts}):
        console.print(table)
    text = console.export_text()
    assert "0.900 ± 0.012" in text and "untrained" in text and "…" not in text
    assert all(name.split("_")[-1] in text for name in modalities)


def test_markdown(tmp_path: Path) -> None:
    write_markdown(tmp_path / "m.md", "title", RESULT)
    lines = (tmp_path / "m.md").read_text().splitlines()
    assert lines[0] == "# title"
    assert "| acc@1.0 | 0.900 ± 0.012 | 0.700 | 0.500 |" in lines
    assert lines.index("## Trimmed protocol") > lines.index("## Published protocol")
