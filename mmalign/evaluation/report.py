"""Results as files and tables: a model's figures with the floors beside them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table

from mmalign.evaluation.protocol import PROTOCOLS, short_table, shown_metrics
from mmalign.fileio import atomic_write


def unflatten(figures: Mapping[str, float]) -> dict[str, Any]:
    """Turn ``{'published/tau': x}`` into ``{'published': {'tau': x}}``; other metrics' go.

    ``{'rgb/published/tau': x}``, of one modality, becomes ``{'modalities': {'rgb': ...}}``.
    """
    nested: dict[str, Any] = {}
    for key, value in figures.items():
        part, _, figure = key.rpartition("/")
        *modality, protocol = part.split("/")
        if protocol in PROTOCOLS:
            place = nested
            for inner in [*(["modalities"] if modality else []), *modality, protocol]:
                place = place.setdefault(inner, {})
            place[figure] = value
    return nested


def write_markdown(path: str | Path, title: str, result: Mapping[str, Any]) -> None:
    """Write a result's tables as Markdown, atomically.

    Args:
        path: The file.
        title: Its heading.
        result: See ``table_of``.
    """
    lines = [f"# {title}"]
    for protocol, heading in PROTOCOLS.items():
        columns, rows = table_of(result, protocol)
        if rows:
            lines += ["", f"## {heading}", "", "| | " + " | ".join(columns) + " |"]
            lines.append("|---" + "|---:" * len(columns) + "|")
            lines += [f"| {name} | " + " | ".join(cells) + " |" for name, cells in rows]
    with atomic_write(path) as temporary:
        temporary.write_text("\n".join(lines) + "\n", encoding="utf-8")


def rich_tables(result: Mapping[str, Any]) -> list[Table]:
    """A result's tables for the terminal; see ``table_of``.

    One per protocol; where there are both modalities and floors, which would not fit, one each.
    """
    both = result.get("modalities") and result.get("floors")
    parts = [{**result, "floors": {}}, {**result, "modalities": {}}] if both else [result]
    tables = []
    for protocol, heading in PROTOCOLS.items():
        for part in parts:
            columns, rows = table_of(part, protocol)
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
        result: ``{'published': {...}, 'trimmed': {...}}``, optionally with ``modalities`` and
            ``floors`` of the same shape by name, and ``std`` of the same shape.
        protocol: ``published`` or ``trimmed``.

    Returns:
        Headings of the columns, and rows of a figure's name and cells of three decimals; an
        undefined figure is a dash. Counts and settings are left to ``metrics.json``.
    """
    model = result.get(protocol, {})
    columns = {**result.get("modalities", {}), **result.get("floors", {})}
    spread = result.get("std", {}).get(protocol, {})
    rows = []
    for name in (metric.name for metric in shown_metrics() if metric.name in model):
        beside = [cell_of(figures.get(protocol, {}).get(name)) for figures in columns.values()]
        rows.append((name, [cell_of(model[name], spread.get(name)), *beside]))
    return ["model", *(column.replace("_", " ") for column in columns)], rows


def cell_of(value: float | None, spread: float | None = None) -> str:
    """A figure of three decimals, its deviation after it; a dash where it is not defined."""
    if value is None or math.isnan(value):
        return "–"
    return f"{value:.3f}" + (f" ± {spread:.3f}" if spread is not None else "")


def line_of(result: Mapping[str, Any]) -> str:
    """A result's main figures in a line."""
    return "  ".join(
        f"{protocol} {name} {cell_of(result.get(protocol, {}).get(name))}"
        for protocol, name in short_table("line")
    )


def legend() -> str:
    """A line per figure of the tables: its name, what it says, and whether less of it is better."""
    shown = shown_metrics()
    width = max(len(metric.name) for metric in shown)
    return "\n".join(
        f"  {metric.name:<{width}}  {metric.meaning}"
        + ("" if metric.higher_is_better else " (lower is better)")
        for metric in shown
    )


def one_line(figures: Mapping[str, Any]) -> str:
    """Figures as ``name value`` in a line, floats with three decimals."""
    return ", ".join(
        f"{name} {value:.3f}" if isinstance(value, float) else f"{name} {value}"
        for name, value in figures.items()
    )
