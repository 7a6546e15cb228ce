"""Results as files and tables: a model's figures with the floors beside them."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table

from mmalign.fileio import atomic_write

TITLES = {"published": "Published protocol", "trimmed": "Trimmed protocol"}
_ORDER = (
    "acc@0.1 acc@0.5 acc@1.0 progress tau AP@5 AP@10 AP@15 event_error".split()
)  # Counts that stand beside the figures are left to the file.


def unflatten(figures: Mapping[str, float]) -> dict[str, dict[str, float]]:
    """Turn ``{'published/tau': x}`` into ``{'published': {'tau': x}}``; other metrics' go."""
    nested: dict[str, dict[str, float]] = {}
    for key, value in figures.items():
        protocol, _, name = key.partition("/")
        if protocol in TITLES:
            nested.setdefault(protocol, {})[name] = value
    return nested


def write_json(path: str | Path, content: Any) -> None:
    """Write a result atomically; figures that are not defined (NaN) become ``null``."""
    text = json.dumps(_plain(content), indent=2, allow_nan=False)
    with atomic_write(path) as temporary:
        temporary.write_text(text + "\n", encoding="utf-8")


def write_markdown(path: str | Path, title: str, result: Mapping[str, Any]) -> None:
    """Write a result's tables as Markdown, atomically.

    Args:
        path: The file.
        title: Its heading.
        result: See ``table_of``.
    """
    lines = [f"# {title}"]
    for protocol, heading in TITLES.items():
        columns, rows = table_of(result, protocol)
        if rows:
            lines += ["", f"## {heading}", "", "| | " + " | ".join(columns) + " |"]
            lines.append("|---" + "|---:" * len(columns) + "|")
            lines += [f"| {name} | " + " | ".join(cells) + " |" for name, cells in rows]
    with atomic_write(path) as temporary:
        temporary.write_text("\n".join(lines) + "\n", encoding="utf-8")


def rich_tables(result: Mapping[str, Any]) -> list[Table]:
    """A result's tables for the terminal, one per protocol; see ``table_of``."""
    tables = []
    for protocol, heading in TITLES.items():
        columns, rows = table_of(result, protocol)
        if rows:
            table = Table(title=heading, box=SIMPLE_HEAD)
            table.add_column("", no_wrap=True)
            table.add_column(columns[0], justify="right", no_wrap=True, style="bold")
            for column in columns[1:]:
                table.add_column(column.replace(" ", "\n"), justify="right")
            for name, cells in rows:
                table.add_row(name, *cells)
            tables.append(table)
    return tables


def table_of(
    result: Mapping[str, Any], protocol: str
) -> tuple[list[str], list[tuple[str, list[str]]]]:
    """Lay out one protocol's figures: a row per figure, a column for the model and each floor.

    Args:
        result: ``{'published': {...}, 'trimmed': {...}}``, optionally with ``floors`` of the same
            shape by name, and ``std`` of the same shape.
        protocol: ``published`` or ``trimmed``.

    Returns:
        Headings of the columns, and rows of a figure's name and cells of three decimals; an
        undefined figure is a dash.
    """
    model = result.get(protocol, {})
    floors = result.get("floors", {})
    spread = result.get("std", {}).get(protocol, {})
    rows = []
    for name in (name for name in _ORDER if name in model):
        beside = [_cell(figures.get(protocol, {}).get(name)) for figures in floors.values()]
        rows.append((name, [_cell(model[name], spread.get(name)), *beside]))
    return ["model", *(floor.replace("_", " ") for floor in floors)], rows


def _cell(value: float | None, spread: float | None = None) -> str:
    if value is None or math.isnan(value):
        return "–"
    return f"{value:.3f}" + (f" ± {spread:.3f}" if spread is not None else "")


def _plain(value: Any) -> Any:
    """The value with plain containers and numbers, NaN as None."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
