"""Write docs/results.md from the metrics.json files kept under docs/results/.

Each folder docs/results/NAME holds the metrics.json of one experiment (tools/run_penn_action.py),
a command.txt with the command that made it and, where there is something to say, a note.txt of one
line. The page begins with a log: a row per experiment, the choices on held-out training clips apart
from the figures of the real split. Then come the tables that tools/run_ablation.py has laid out in
docs/results/ablations/, and all figures of every experiment.

Example: python tools/analysis/results_page.py --results docs/results --out docs/results.md
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mmalign.cli.guard import guarded
from mmalign.errors import InputError
from mmalign.evaluation.protocol import PROTOCOLS, short_table
from mmalign.evaluation.report import cell_of, table_of
from mmalign.evaluation.summary import mean_of
from mmalign.fileio import atomic_write

HEAD = """\
# Results

Written by `tools/analysis/results_page.py` from the `metrics.json` files in `docs/results/`. What
the figures mean, and why each stands beside floors that need no learning: [protocol](protocol.md).
"""

# Penn Action's actions some of whose clips have other joints since the import knows the absent ones
# of videos that were annotated at another size: training clips, and others.
MENDED_TRAINING = {"golf_swing", "pushups"}
MENDED = {*MENDED_TRAINING, "jumping_jacks"}
STALE = """\
\\* With the poses of an earlier import, which took absent joints of some clips of golf_swing,
jumping_jacks and pushups for joints in the corner of the picture.
"""

LOG = """\
A row per experiment: means over its actions and seeds. Below are those of the clock for the same
actions."""


@guarded
def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--results", default="docs/results", metavar="DIR")
    parser.add_argument("--out", default="docs/results.md", metavar="FILE")
    args = parser.parse_args(argv)
    files = sorted(Path(args.results).glob("*/metrics.json"))
    if not files:
        raise InputError(f"{args.results}: found no */metrics.json; expected kept experiments")
    kept = {file.parent.name: Experiment.read(file.parent) for file in files}
    tables = ablations(Path(args.results, "ablations"))
    parts = (details(name, one) for name, one in kept.items())
    text = "\n".join([HEAD, *log(kept), *tables, *parts])
    with atomic_write(Path(args.out)) as temporary:
        temporary.write_text(text, encoding="utf-8")
    print(f"wrote {args.out}: {len(files)} experiments")
    return 0


@dataclass
class Experiment:
    """What is kept of one experiment."""

    summary: dict[str, Any]
    command: str
    note: str

    @classmethod
    def read(cls, folder: Path) -> Experiment:
        """Read a folder."""
        note = folder / "note.txt"
        return cls(
            json.loads((folder / "metrics.json").read_text(encoding="utf-8")),
            (folder / "command.txt").read_text(encoding="utf-8").strip(),
            note.read_text(encoding="utf-8").strip() if note.is_file() else "",
        )

    @property
    def split(self) -> str:
        """What is held out of the training clips, as the command has it; empty if nothing is."""
        found = re.search(r"--holdout\s+(\S+)", self.command)
        return found[1] if found else ""

    @property
    def stale(self) -> bool:
        """Whether it was made with poses that have been mended since."""
        mended = MENDED_TRAINING if "--holdout" in self.command else MENDED
        return is_stale(self.summary, mended)


def is_stale(summary: dict[str, Any], mended: set[str]) -> bool:
    """Whether a summary was made with poses of some actions before they were mended."""
    return "data_hashes" not in summary and bool(mended & set(summary["actions"]))


def log(kept: dict[str, Experiment]) -> list[str]:
    """The log: two tables with an experiment per row."""
    parts = {
        "Real split": {n: e for n, e in kept.items() if "--holdout" not in e.command},
        "Choices, on held-out training clips": {
            n: e for n, e in kept.items() if "--holdout" in e.command
        },
    }
    header = ["", "actions", "seeds", *(f"{p} {name}" for p, name in short_table("log")), "note"]
    lines = ["## Log", "", LOG, ""]
    for title, experiments in parts.items():
        if experiments:
            rows = [row(name, one) for name, one in experiments.items()] + clocks(experiments)
            lines += [f"### {title}", "", *markdown(header, rows), ""]
    if any(one.stale for one in kept.values()):
        lines.append(STALE)
    return lines


def ablations(folder: Path) -> list[str]:
    """The tables of ablations: the paper's by number, then others."""
    number = {file: file.stem.removeprefix("table_") for file in folder.glob("table_*.md")}
    order = sorted(number, key=lambda f: (not number[f].isdecimal(), number[f].zfill(9)))
    tables = [file.read_text(encoding="utf-8") for file in order]
    made = "Made by `tools/run_ablation.py TABLE --data-root data/penn_action`."
    rows = {
        file.parent.name: is_stale(json.loads(file.read_text(encoding="utf-8")), MENDED)
        for file in sorted(folder.glob("*/metrics.json"))
    }
    named = ", ".join(f"`{name}`" for name, of_old in rows.items() if of_old)
    which = "All rows" if all(rows.values()) else f"Rows of {named}"
    stale = [f"{which} \\*", "", STALE] if named else []
    return ["## Ablations", "", made, "", *stale, *tables] if tables else []


def row(name: str, one: Experiment) -> list[str]:
    """An experiment's row of the log."""
    actions = list(one.summary["actions"])
    return [
        f"`{name}`" + (" \\*" if one.stale else ""),
        actions[0] if len(actions) == 1 else str(len(actions)),
        ", ".join(map(str, one.summary["seeds"])),
        *logged(one.summary["mean"]),
        one.note,
    ]


def clocks(experiments: dict[str, Experiment]) -> list[list[str]]:
    """A row of the clock for every set of actions that experiments are of."""
    floors = {
        (*sorted(one.summary["actions"]), one.split): one.summary["mean"]["floors"].get("clock")
        for one in experiments.values()
    }
    return [
        ["*clock*", actions[0] if len(actions) == 1 else str(len(actions)), "", *logged(clock)]
        + [", ".join(actions) if len(actions) > 1 else ""]
        for (*actions, _), clock in sorted(floors.items())
        if clock
    ]


def logged(result: dict[str, Any]) -> list[str]:
    """Cells of the log's figures."""
    return [cell_of(result[protocol].get(figure)) for protocol, figure in short_table("log")]


def details(name: str, one: Experiment) -> str:
    """One experiment's part of the page."""
    summary = one.summary
    seeds = ", ".join(map(str, summary["seeds"]))
    lines = [f"## {name}", "", "```bash", one.command, "```", ""]
    lines.append(f"{len(summary['actions'])} actions, seeds {seeds}.")
    if one.stale:
        lines[-1:] = [STALE, lines[-1]]
    training = summary["mean"].get("training")
    if training is not None:
        lines[-1] += (
            f" A training has {training['steps']:.0f} steps and took"
            f" {training['seconds'] / 60:.1f} minutes, in the mean."
        )
    for protocol, heading in PROTOCOLS.items():
        lines += ["", f"{heading}, mean over the actions:", ""]
        lines += table({**summary["mean"], "std": summary["std"]}, protocol)
        lines += ["", f"{heading}, model by action:", ""]
        lines += by_action(summary["actions"], protocol)
        if len(summary["seeds"]) > 1:
            lines += ["", f"{heading}, model by seed, mean over the actions:", ""]
            lines += by_action(by_seed(summary), protocol)
    return "\n".join([*lines, ""])


def table(result: dict[str, Any], protocol: str) -> list[str]:
    """A figure per row, the model and each floor a column."""
    columns, rows = table_of(result, protocol)
    return markdown(["", *columns], [[name, *cells] for name, cells in rows])


def by_action(actions: dict[str, Any], protocol: str) -> list[str]:
    """An action per row, a figure per column."""
    rows = []
    names: list[str] = []
    for action, result in actions.items():
        cells = table_of({key: result[key] for key in (protocol, "std")}, protocol)[1]
        names = [name for name, _ in cells]
        rows.append([action, *(values[0] for _, values in cells)])
    return markdown(["", *names], rows)


def by_seed(summary: dict[str, Any]) -> dict[str, Any]:
    """Per seed the mean over the actions, as an action's summary."""
    actions = summary["actions"].values()
    return {
        str(seed): mean_of([action["per_seed"][str(seed)] for action in actions]) | {"std": {}}
        for seed in summary["seeds"]
    }


def markdown(header: list[str], rows: list[list[str]]) -> list[str]:
    """Lines of a Markdown table."""
    lines = ["| " + " | ".join(header) + " |", "|---" + "|---:" * (len(header) - 1) + "|"]
    return lines + ["| " + " | ".join(row) + " |" for row in rows]


if __name__ == "__main__":
    raise SystemExit(main())
