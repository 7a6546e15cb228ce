"""Write docs/results.md from the metrics.json files kept under docs/results/.

Each folder docs/results/NAME holds the metrics.json of one experiment (tools/run_penn_action.py)
and a command.txt with the command that made it.

Example: python tools/analysis/results_page.py --results docs/results --out docs/results.md
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mmalign.cli.guard import guarded
from mmalign.errors import InputError
from mmalign.evaluation.report import TITLES, table_of
from mmalign.fileio import atomic_write

HEAD = """\
# Results

Written by `tools/analysis/results_page.py` from the `metrics.json` files in `docs/results/`. What
the figures mean, and why each stands beside floors that need no learning: [protocol](protocol.md).
"""


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
    text = "\n".join([HEAD, *(experiment(file) for file in files)])
    with atomic_write(Path(args.out)) as temporary:
        temporary.write_text(text, encoding="utf-8")
    print(f"wrote {args.out}: {len(files)} experiments")
    return 0


def experiment(file: Path) -> str:
    """One experiment's part of the page."""
    summary = json.loads(file.read_text(encoding="utf-8"))
    command = (file.parent / "command.txt").read_text(encoding="utf-8").strip()
    seeds = ", ".join(map(str, summary["seeds"]))
    lines = [f"## {file.parent.name}", "", "```bash", command, "```", ""]
    lines.append(f"{len(summary['actions'])} actions, seeds {seeds}.")
    for protocol, heading in TITLES.items():
        lines += ["", f"{heading}, mean over the actions:", ""]
        lines += table({**summary["mean"], "std": summary["std"]}, protocol)
        lines += ["", f"{heading}, model by action:", ""]
        lines += by_action(summary["actions"], protocol)
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


def markdown(header: list[str], rows: list[list[str]]) -> list[str]:
    """Lines of a Markdown table."""
    lines = ["| " + " | ".join(header) + " |", "|---" + "|---:" * (len(header) - 1) + "|"]
    return lines + ["| " + " | ".join(row) + " |" for row in rows]


if __name__ == "__main__":
    raise SystemExit(main())
