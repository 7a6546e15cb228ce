"""Run a table of ablations: ``tools/run_ablation.py``."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mmalign.cli.config import shipped_config
from mmalign.cli.guard import guarded
from mmalign.cli.learning_rates import choose_rates
from mmalign.cli.penn_action_data import choose_actions, prepared_data
from mmalign.cli.provenance import package_versions
from mmalign.cli.run_penn_action import execute_all
from mmalign.cli.runs import Run
from mmalign.errors import InputError
from mmalign.evaluation.ablation import AblationRow, AblationTable, markdown, read_tables
from mmalign.evaluation.summary import summarise
from mmalign.fileio import atomic_write, write_json

TABLES = "configs/ablations/tables.py"

EXAMPLES = """\
examples:
  the parts of the network:      %(prog)s 1 --data-root data/penn_action
  beside CASA, as long:          %(prog)s beyond --data-root data/penn_action
  every table, two runs at once: %(prog)s all --data-root data/penn_action --jobs 2
  what is there so far:          %(prog)s all --data-root data/penn_action --seeds 0
  other methods, some of them:   %(prog)s peers --rows tcc lav --data-root data/penn_action
  their learning rates:          %(prog)s peers --rows tcc --data-root data/penn_action \\
                                     --learning-rates 3e-4 1e-3 3e-3
"""


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the command's arguments."""
    parser = argparse.ArgumentParser(
        prog="mmalign run-ablation",
        description="Train and score the rows of one of the paper's ablation tables, or of other "
        "methods, on Penn Action's annotated joints and write the table beside the paper's "
        "figures. Seeds that a row's kept metrics.json has are not run again; a run that was cut "
        "goes on.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "table",
        metavar="TABLE",
        help="the table's number in the paper, beyond, peers or peers_faithful (other methods), or"
        " all",
    )
    parser.add_argument(
        "--rows",
        nargs="+",
        metavar="ROW",
        help="run these rows alone, each called as its config's file without .py; of the others"
        " what is kept is laid out",
    )
    parser.add_argument(
        "--data-root", required=True, metavar="D", help="Penn Action's folder, or a prepared one"
    )
    parser.add_argument(
        "--seeds", type=int, default=3, metavar="N", help="seeds 0 to N-1; 0 = run nothing, lay out"
        " what is kept (default: %(default)s)"
    )  # fmt: skip
    parser.add_argument(
        "--actions", nargs="+", metavar="A", help="default: those that the table says"
    )
    parser.add_argument(
        "--work-dir", default="work_dirs/ablations", metavar="W", help="%(default)s"
    )
    parser.add_argument(
        "--results",
        default="docs/results/ablations",
        metavar="R",
        help="what is kept: a metrics.json per row, and the tables (default: %(default)s)",
    )
    parser.add_argument(
        "--jobs", type=int, default=1, metavar="N", help="runs at once; they share the cores"
    )
    parser.add_argument(
        "--learning-rates",
        nargs="+",
        type=float,
        metavar="LR",
        help="make no table: choose each row's learning rate with seed 0 on every third training"
        " clip, without the validation split, and print it",
    )
    parser.add_argument(
        "--cfg-options", nargs="+", default=(), metavar="KEY=VALUE", help="as of mmalign train"
    )
    return parser


@guarded
def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    args = build_parser().parse_args(argv)
    definition = shipped_config(TABLES)
    tables = read_tables(definition)
    if args.table != "all" and args.table not in tables:
        raise InputError(f"TABLE: found {args.table!r}, expected {', '.join(tables)} or all")
    if args.seeds < 0 or args.jobs < 1:
        raise InputError(f"--seeds {args.seeds} --jobs {args.jobs}: expected at least 0 and 1")
    args.data_root = str(prepared_data(args.data_root, args.work_dir))
    chosen = [tables[name] for name in (tables if args.table == "all" else [args.table])]
    _check_rows(args.rows, chosen)
    for name in tables if args.table == "all" else [args.table]:
        table = tables[name]
        actions = choose_actions(args.data_root, args.actions or table.actions)
        rows = [row for row in table.rows if not row.needs]
        wanted = [row for row in rows if args.rows is None or row.short in args.rows]
        if args.learning_rates:
            choose_rates(name, wanted, actions, definition.parent, args)
            continue
        summaries = {
            row.key: _summary(row, actions, definition.parent, args)
            if row in wanted
            else _kept(row, args)
            for row in rows
        }
        known = {key: summary for key, summary in summaries.items() if summary is not None}
        seeds = sorted({tuple(summary["seeds"]) for summary in known.values()})
        data = f"Penn Action's annotated joints ({', '.join(actions)}), seeds " + (
            " or ".join(", ".join(map(str, row)) for row in seeds) or "none yet"
        )
        title = f"Table {name}: {table.title}" if name.isdecimal() else table.title
        text = markdown(title, table.rows, known, data, table.paper_data)
        with atomic_write(Path(args.results, f"table_{name}.md")) as temporary:
            temporary.write_text(text, encoding="utf-8")
        print(text)
    return 0


def _check_rows(wanted: Sequence[str] | None, tables: Sequence[AblationTable]) -> None:
    known = dict.fromkeys(row.short for table in tables for row in table.rows if not row.needs)
    if unknown := [name for name in wanted or () if name not in known]:
        raise InputError(f"--rows: found {', '.join(unknown)}, expected some of {', '.join(known)}")


def _summary(
    row: AblationRow, actions: Sequence[str], configs: Path, args: argparse.Namespace
) -> dict[str, Any] | None:
    """The row's summary: of the seeds that are kept, and of new runs for those that are not."""
    file, kept = _file(row, args), _kept(row, args)
    if args.seeds == 0:
        return kept
    runs = [
        Run(
            str(configs / f"{row.config}.py"),
            args.data_root,
            action,
            seed,
            str(Path(args.work_dir, row.training)),
            tuple(args.cfg_options),
            train_options=row.train,
            test_options=row.test,
            variant=row.variant,
            together=tuple(actions) if row.one_model else (),
        )
        for seed in range(args.seeds)
        for action in actions
    ]
    if row.one_model:  # Its actions wait for one training, so that other seeds come before them.
        runs.sort(key=lambda run: run.action != actions[0])
    config_hash = runs[0].identity["config_hash"]
    data_hashes = {run.action: run.scored_data_hash for run in runs}
    if kept is None or kept["config_hash"] != config_hash or kept.get("data_hashes") != data_hashes:
        kept = None
    elif set(range(args.seeds)) <= set(kept["seeds"]):
        return kept
    print(f"{row.name}:", flush=True)
    results = {action: _kept_results(kept, action) for action in actions}

    def keep(run: Run, result: dict[str, Any]) -> None:
        """Write what is known of the seeds that are done for every action."""
        nonlocal kept
        results[run.action][run.seed] = result
        seeds = sorted(set.intersection(*(set(known) for known in results.values())))
        if run.seed not in seeds or not set(seeds) >= set(kept["seeds"] if kept else ()):
            return
        kept = {
            **summarise({a: {seed: known[seed] for seed in seeds} for a, known in results.items()}),
            "options": {"train": list(row.train), "test": list(row.test)},
            "config_hash": config_hash,
            "versions": package_versions(),
        }
        write_json(file, kept)

    execute_all([run for run in runs if run.seed not in results[run.action]], args.jobs, keep)
    return kept


def _file(row: AblationRow, args: argparse.Namespace) -> Path:
    return Path(args.results, row.key, "metrics.json")


def _kept(row: AblationRow, args: argparse.Namespace) -> dict[str, Any] | None:
    """The row's summary as it is kept."""
    file = _file(row, args)
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else None


def _kept_results(kept: dict[str, Any] | None, action: str) -> dict[int, dict[str, Any]]:
    """By seed the results that a kept summary was made of."""
    if kept is None:
        return {}
    hashes = {"data_hash": kept["data_hashes"][action]}
    of_seeds = kept["actions"][action]["per_seed"]
    # Summaries of earlier versions have no floors by seed.
    return {int(seed): {**one, **hashes} for seed, one in of_seeds.items() if "floors" in one}


if __name__ == "__main__":
    raise SystemExit(main())
