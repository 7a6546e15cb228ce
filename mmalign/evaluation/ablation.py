"""Ablation tables: their definition, and how they are laid out beside the paper's figures."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mmengine.config import Config

from mmalign.errors import InputError
from mmalign.evaluation.protocol import SHORT_TABLES, short_table
from mmalign.evaluation.report import cell_of


@dataclass(frozen=True)
class AblationRow:
    """A row of a table.

    Attributes:
        name: What the table calls it.
        config: A config, relative to the definition of the tables.
        needs: What is not at hand, if the row cannot run here.
        paper: The paper's figures by name, where it gives them.
        train: Options of ``mmalign train``.
        test: Options of ``mmalign test``.
        one_model: Whether one model is trained on all the actions together.
    """

    name: str
    config: str
    needs: str = ""
    paper: tuple[tuple[str, float], ...] = ()
    train: tuple[str, ...] = ()
    test: tuple[str, ...] = ()
    one_model: bool = False

    @property
    def short(self) -> str:
        """What a command line calls it: its config's file without the suffix."""
        return self.config.rpartition("/")[2]

    @property
    def training(self) -> str:
        """Name of the folder of its trainings, which rows may share."""
        return _slug(self.config, *self.train)

    @property
    def variant(self) -> str:
        """Name of the folder of its results within a training's; empty without test options."""
        return _slug(*self.test)

    @property
    def key(self) -> str:
        """Name under which its summary is kept."""
        return _slug(self.config, *self.train, *self.test)


def _slug(*parts: str) -> str:
    return "_".join(re.sub(r"[^\w.]+", "_", part).strip("_.") for part in parts)


@dataclass(frozen=True)
class AblationTable:
    """A table.

    Attributes:
        title: Its title.
        rows: Its rows.
        actions: The actions that it is the mean of, unless others are asked for.
        paper_data: What the paper's figures were measured on.
    """

    title: str
    rows: list[AblationRow]
    actions: tuple[str, ...]
    paper_data: str = ""


def read_tables(path: str | Path) -> dict[str, AblationTable]:
    """Read the definition of the tables.

    Args:
        path: A Python config with ``tables``: per name ``title``, ``columns`` (the names of the
            paper's figures), ``paper_data`` where there are any, ``rows`` and ``actions``.

    Returns:
        The tables by name.

    Raises:
        InputError: If there is no such file.
    """
    if not Path(path).is_file():
        raise InputError(f"{path}: no such file; expected the definition of the ablation tables")
    tables = {}
    for name, table in Config.fromfile(str(path)).tables.items():
        rows = []
        for row in table["rows"]:
            paper = zip(table["columns"], row["paper"], strict=True) if "paper" in row else ()
            known = tuple((key, figure) for key, figure in paper if figure is not None)
            rows.append(
                AblationRow(
                    row["name"],
                    row["config"],
                    row.get("needs", ""),
                    known,
                    tuple(row.get("train", ())),
                    tuple(row.get("test", ())),
                    row.get("one_model", False),
                )
            )
        tables[name] = AblationTable(
            table["title"], rows, tuple(table["actions"]), table.get("paper_data", "")
        )
    return tables


def markdown(
    title: str,
    rows: Sequence[AblationRow],
    summaries: Mapping[str, Mapping[str, Any]],
    data: str,
    paper_data: str = "",
) -> str:
    """Lay a table out as Markdown: figures with deviations, the paper's in brackets, floors below.

    Behind the figures stand the steps of a training and the minutes that it took, in the mean;
    below the table are some by action. A floor that differs between rows (the raw pose of
    corrupted clips, another untrained network) stands once for each, with such a row's name.

    Args:
        title: Its title.
        rows: Its rows.
        summaries: Per row's key what ``mmalign.evaluation.summary.summarise`` gave.
        data: What the figures were measured on.
        paper_data: What the paper's were.
    """
    summaries = {
        row.key: summaries[row.key] for row in rows if not row.needs and row.key in summaries
    }
    quoted = (
        f"; in brackets the paper's figure, on {paper_data}: other data." if paper_data else "."
    )
    columns = short_table("ablation")
    names = [*(f"{protocol} {figure}" for protocol, figure in columns), "steps", "minutes"]
    lines = [
        f"{title}. Measured on {data}{quoted}",
        "",
        "| | " + " | ".join(names) + " |",
        "|---|" + "---:|" * len(names),
    ]
    for row in rows:
        summary = summaries.get(row.key)
        paper = dict(row.paper)
        cells = []
        for protocol, figure in columns:
            known = paper.get(figure) if protocol == "published" else None
            own = "" if summary is None else _cell(summary, protocol, figure)
            cells.append(f"{own} ({known:.3f})".strip() if known is not None else own)
        training = {} if summary is None else summary["mean"].get("training", {})
        cells.append(f"{training['steps']:.0f}" if training else "")
        cells.append(f"{training['seconds'] / 60:.1f}" if training else "")
        note = f" (not run: needs {row.needs})" if row.needs else ""
        lines.append(f"| {row.name}{note} | " + " | ".join(cells) + " |")
    lines += _floors(rows, summaries)
    if summaries:
        lines += ["", *_by_action(rows, summaries)]
    return "\n".join(lines) + "\n"


def _floors(rows: Sequence[AblationRow], summaries: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Lines of the floors: each that differs once, named by the first row that has it."""
    columns = short_table("ablation")
    shown: dict[str, list[list[str]]] = {}
    lines: dict[str, list[str]] = {}
    for row in (row for row in rows if row.key in summaries):
        for name, figures in summaries[row.key]["mean"]["floors"].items():
            cells = [cell_of(figures.get(protocol, {}).get(figure)) for protocol, figure in columns]
            known = shown.setdefault(name, [])
            if cells in known:
                continue
            whose = f" ({row.name})" if known or name == "untrained" else ""
            known.append(cells)
            label = f"*{name.replace('_', ' ')}{whose}*"
            lines.setdefault(name, []).append(f"| {label} | " + " | ".join([*cells, "", ""]) + " |")
    return [line for of_floor in lines.values() for line in of_floor]


def _by_action(
    rows: Sequence[AblationRow], summaries: Mapping[str, Mapping[str, Any]]
) -> list[str]:
    """Lines of the table by action."""
    columns = short_table("by action")
    known = [(row.name, summaries[row.key]["actions"]) for row in rows if row.key in summaries]
    names = list(dict.fromkeys(name for _, actions in known for name in actions))
    shown = SHORT_TABLES["by action"].items()
    said = ", ".join(f"{protocol} {figures.replace(' ', ' / ')}" for protocol, figures in shown)
    lines = [f"By action, {said}:", "", "| | " + " | ".join(names) + " |"]
    lines.append("|---|" + "---:|" * len(names))
    for row, actions in known:
        cells = [
            " / ".join(cell_of(actions[name][p].get(figure)) for p, figure in columns)
            if name in actions
            else ""
            for name in names
        ]
        lines.append(f"| {row} | " + " | ".join(cells) + " |")
    return lines


def _cell(summary: Mapping[str, Any], protocol: str, figure: str) -> str:
    spread = summary["std"].get(protocol, {}).get(figure)
    return cell_of(summary["mean"][protocol].get(figure), spread)
