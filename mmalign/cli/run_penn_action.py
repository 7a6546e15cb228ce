"""Train and score a model per action, or one for all, and seed: ``tools/run_penn_action.py``."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from typing import Any

from rich.console import Console

from mmalign.cli.guard import guarded
from mmalign.cli.penn_action_data import choose_actions, prepared_data
from mmalign.cli.provenance import package_versions
from mmalign.cli.runs import Run
from mmalign.errors import InputError
from mmalign.evaluation.report import line_of, rich_tables, write_markdown
from mmalign.evaluation.summary import summarise
from mmalign.fileio import write_json

EXAMPLES = """\
examples:
  every labelled action, three seeds:  %(prog)s --config CONFIG --data-root Penn_Action \\
                                           --seeds 0 1 2 --work-dir work_dirs/penn_action
  two actions at once, one seed:       %(prog)s --config CONFIG --data-root DATA --seeds 0 \\
                                           --actions golf_swing pushups --jobs 2 --work-dir W
  one model for all actions:           %(prog)s --config CONFIG --data-root DATA --one-model \\
                                           --seeds 0 --work-dir W
"""


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the command's arguments."""
    parser = argparse.ArgumentParser(
        prog="mmalign run-penn-action",
        description="Prepare the data, train and score one model per action and seed (or one per "
        "seed), and write W/metrics.json. Runs whose result is there are skipped; one that was cut "
        "goes on.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--config", required=True, metavar="C", help="config of every run")
    parser.add_argument(
        "--data-root", required=True, metavar="D", help="Penn Action's folder, or a prepared one"
    )
    parser.add_argument(
        "--actions", nargs="+", metavar="A", help="actions (default: all that have phase labels)"
    )
    parser.add_argument(
        "--seeds", nargs="+", type=int, default=[0, 1, 2], metavar="S", help="default: 0 1 2"
    )
    parser.add_argument("--work-dir", required=True, metavar="W", help="where to write")
    parser.add_argument(
        "--jobs", type=int, default=1, metavar="N", help="runs at once; they share the cores"
    )
    parser.add_argument(
        "--one-model", action="store_true", help="train one model on all the actions together"
    )
    parser.add_argument(
        "--cfg-options", nargs="+", default=(), metavar="KEY=VALUE", help="as of mmalign train"
    )
    parser.add_argument(
        "--holdout", metavar="K/N", help="choose a recipe on training clips: as of mmalign train"
    )
    return parser


@guarded
def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    args = build_parser().parse_args(argv)
    if args.jobs < 1:
        raise InputError(f"--jobs: found {args.jobs}, expected at least 1")
    data_root = prepared_data(args.data_root, args.work_dir)
    actions = choose_actions(data_root, args.actions)
    runs = [
        Run(
            args.config,
            str(data_root),
            action,
            seed,
            args.work_dir,
            tuple(args.cfg_options),
            args.holdout,
            together=tuple(actions) if args.one_model else (),
        )
        for action in actions
        for seed in dict.fromkeys(args.seeds)
    ]
    results = execute_all(runs, args.jobs)
    write_summary(args.work_dir, runs[0].identity["config_hash"], results)
    return 0


def execute_all(
    runs: Sequence[Run], jobs: int, keep: Callable[[Run, dict[str, Any]], None] | None = None
) -> dict[str, dict[int, dict[str, Any]]]:
    """Execute the runs whose result is not there.

    Args:
        runs: The runs.
        jobs: How many at once; each may use its share of the cores.
        keep: Called with every run and its result as soon as that is there, one at a time.

    Returns:
        Per action and seed the content of the run's ``metrics.json``.

    Raises:
        InputError: If a run failed; the others' results stay.
    """
    threads = max(1, (os.cpu_count() or 1) // jobs)
    # Configs are read here, before any thread runs: MMEngine does not promise more.
    done = {run: run.result() for run in runs}

    one_at_a_time = Lock()

    def finish(run: Run) -> dict[str, Any]:
        result = execute(run)
        if keep is not None:
            with one_at_a_time:
                keep(run, result)
        return result

    def execute(run: Run) -> dict[str, Any]:
        known = done[run]
        if known is not None:
            _say(f"{run.name}: done before")
            return known
        _say(f"{run.name}: training, see {run.folder}/train.log")
        result = run.execute(threads)
        _say(f"{run.name}: {line_of(result)}")
        return result

    with ThreadPoolExecutor(max_workers=jobs) as pool:
        futures = [pool.submit(finish, run) for run in runs]
        try:
            finished = [future.result() for future in futures]
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    results: dict[str, dict[int, dict[str, Any]]] = {}
    for run, result in zip(runs, finished, strict=True):
        results.setdefault(run.action, {})[run.seed] = result
    return results


def _say(line: str) -> None:
    # In one piece: other threads print too.
    print(f"{line}\n", end="", flush=True)


def write_summary(
    work_dir: str | Path, config_hash: str, results: dict[str, dict[int, dict[str, Any]]]
) -> None:
    """Write ``metrics.json`` and ``metrics.md`` of an experiment and print its tables.

    Args:
        work_dir: Folder of the experiment.
        config_hash: Hash of the runs' config.
        results: What ``execute_all`` returned.
    """
    summary = {
        **summarise(results),
        "config_hash": config_hash,
        "versions": package_versions(),
    }
    table = {**summary["mean"], "std": summary["std"]}
    title = f"Mean of {', '.join(results)}; seeds {', '.join(map(str, summary['seeds']))}"
    write_json(Path(work_dir, "metrics.json"), summary)
    write_markdown(Path(work_dir, "metrics.md"), title, table)
    console = Console(markup=False, emoji=False)
    console.print(title)
    for rich_table in rich_tables(table):
        console.print(rich_table)
    console.print(f"wrote {Path(work_dir, 'metrics.json')}", soft_wrap=True)


if __name__ == "__main__":
    raise SystemExit(main())
