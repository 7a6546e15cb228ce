"""Choosing learning rates on held-out training clips, for ``mmalign run-ablation``."""

from __future__ import annotations

import argparse
import json
import statistics
from collections.abc import Sequence
from pathlib import Path

from mmalign.cli.run_penn_action import execute_all
from mmalign.cli.runs import Run
from mmalign.errors import InputError
from mmalign.evaluation.ablation import AblationRow
from mmalign.evaluation.protocol import PROTOCOLS
from mmalign.fileio import write_json

HOLDOUT = "0/3"
"""Every third training clip plays the validation split, which is not looked at."""

CRITERION = "acc@1.0"
"""What decides: its mean over both protocols and the actions."""


def choose_rates(
    name: str,
    rows: Sequence[AblationRow],
    actions: Sequence[str],
    configs: Path,
    args: argparse.Namespace,
) -> None:
    """Choose the learning rate of each row, print it, and note it.

    Args:
        name: The table's; ``learning_rates_NAME.json`` among the results gets the choices.
        rows: Its rows.
        actions: The actions that are trained on.
        configs: The folder that the rows' configs are relative to.
        args: The command's arguments.

    Raises:
        InputError: If a row can be trained at no rate.
    """
    file = Path(args.results, f"learning_rates_{name}.json")
    for row in {row.training: row for row in rows}.values():
        print(f"{row.name}:", flush=True)
        scores: dict[float, float] = {}
        failure: InputError | None = None
        for rate in args.learning_rates:
            runs = _runs(row, rate, actions, configs, args)
            try:
                results = execute_all(runs, args.jobs)
            except InputError as error:  # It may have diverged.
                failure = error
                print(f"learning rate {rate:g}: {error}", flush=True)
                continue
            found = [one for by_seed in results.values() for one in by_seed.values()]
            scores[rate] = statistics.fmean(one[p][CRITERION] for one in found for p in PROTOCOLS)
            print(f"learning rate {rate:g}: {CRITERION} {scores[rate]:.4f}", flush=True)
        if failure is not None and not scores:
            raise failure
        chosen = max(scores, key=lambda rate: scores[rate])
        print(f"{row.name}: chosen {chosen:g}", flush=True)
        known = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
        listed = {f"{rate:g}": score for rate, score in scores.items()}
        write_json(file, {**known, row.short: {"chosen": chosen, CRITERION: listed}})


def _runs(
    row: AblationRow, rate: float, actions: Sequence[str], configs: Path, args: argparse.Namespace
) -> list[Run]:
    """A training at a rate: one for all the actions, or one for each."""
    return [
        Run(
            str(configs / f"{row.config}.py"),
            args.data_root,
            action,
            0,
            str(Path(args.work_dir, "learning_rates", row.training, f"{rate:g}")),
            (*args.cfg_options, f"optim_wrapper.optimizer.lr={rate:g}"),
            HOLDOUT,
            row.train,
            together=tuple(actions) if row.one_model else (),
            floors=False,
        )
        for action in actions
    ]
