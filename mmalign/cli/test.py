"""Evaluate a checkpoint: ``mmalign test`` and ``tools/test.py``."""

from __future__ import annotations

import argparse
import logging
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mmengine.config import Config
from mmengine.dist import is_main_process
from mmengine.logging import print_log
from mmengine.runner import Runner
from rich.console import Console

from mmalign.cli.config import add_config_arguments, config_from, told_of_options
from mmalign.cli.corruption import add_corrupt_argument, corrupt_loader
from mmalign.cli.guard import guarded
from mmalign.cli.provenance import config_hash, data_hash, package_versions
from mmalign.compat import build_runner, read_checkpoint
from mmalign.engine.bare_model import bare_model
from mmalign.errors import InputError
from mmalign.evaluation import AlignmentMetric, evaluate_floors
from mmalign.evaluation.report import legend, rich_tables, unflatten, write_markdown
from mmalign.evaluation.samples import corruptions_of, raw_samples
from mmalign.fileio import write_json
from mmalign.functional.metrics.events import ALIGNERS
from mmalign.models.windows import longest_view

_CORRUPTED_SPLIT = {"train": "train", "test": "val", "both": None}

EXAMPLES = """\
examples:
  score a checkpoint, floors beside it:  %(prog)s CONFIG W/epoch_10.pth --out W --floors
  with the monotone path's event error:  %(prog)s CONFIG CKPT --out W --aligner dtw
  with half of the limbs missing:        %(prog)s CONFIG CKPT --out W --corrupt missing:0.5
  with logistic regression, as CASA:     %(prog)s CONFIG CKPT --out W \\
                                             --cfg-options test_evaluator.classifier=logreg

figures:
"""


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the command's arguments."""
    parser = argparse.ArgumentParser(
        prog="mmalign test",
        description="Score a checkpoint under the published and the trimmed protocol; "
        "writes DIR/metrics.json and DIR/metrics.md.",
        epilog=EXAMPLES + legend().replace("%", "%%"),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_config_arguments(parser)
    parser.add_argument("checkpoint", metavar="CHECKPOINT", help="weights, e.g. W/epoch_10.pth")
    parser.add_argument("--out", required=True, metavar="DIR", help="where to write")
    parser.add_argument(
        "--floors",
        action="store_true",
        help="score beside the model what needs no learning: clock, frame number, raw pose,"
        " the untrained network, the majority class",
    )
    parser.add_argument(
        "--aligner", choices=ALIGNERS, help="how boundaries are mapped between windows"
    )
    add_corrupt_argument(parser, "what is scored, before the model and the floors see them")
    parser.add_argument(
        "--corrupt-on",
        choices=list(_CORRUPTED_SPLIT),
        default="test",
        help="whose poses --corrupt corrupts: those of the training clips that the classifiers are"
        " fitted on, of the validation clips, or of both (default: %(default)s)",
    )
    parser.add_argument(
        "--launcher",
        choices=["none", "pytorch", "slurm", "mpi"],
        default="none",
        help="how several processes were started (tools/dist_test.sh sets it)",
    )
    return parser


@guarded
def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    args = build_parser().parse_args(argv)
    cfg = config_from(args)
    cfg.work_dir = args.out
    if args.aligner is not None:
        _evaluator(cfg)["aligner"] = args.aligner
    corrupt_loader(cfg, "test_dataloader", args.corrupt, _CORRUPTED_SPLIT[args.corrupt_on])
    with told_of_options(args.cfg_options):
        result = test(cfg, args.checkpoint, args.floors, args.launcher)
    if is_main_process():
        write_result(result, args.out)
    return 0


def test(cfg: Config, checkpoint: str, floors: bool = False, launcher: str = "none") -> dict:
    """Score a checkpoint by the config's test loop.

    Args:
        cfg: A complete config with ``work_dir``, where the log goes.
        checkpoint: Path or http(s) address of the weights.
        floors: Whether to score the floors too; the untrained network is the config's model as
            its seed initialises it.
        launcher: How the processes were started.

    Returns:
        What ``metrics.json`` holds: the figures of both protocols, of a fused network those of
        its parts under ``modalities``, the floors, and what they were computed with.

    Raises:
        InputError: If the config, the data or the checkpoint cannot be used.
    """
    _evaluator(cfg)
    if "://" not in checkpoint:
        read_checkpoint(checkpoint)  # Fails before the data are read.
    # Hash first: the Runner and the launcher add to the config.
    provenance = {"config_hash": config_hash(cfg), "data_hash": data_hash(cfg)}
    cfg.resume, cfg.load_from = False, None
    # What a checkpoint holds is the average already.
    cfg.custom_hooks = [one for one in cfg.get("custom_hooks", []) if one["type"] != "EMAHook"]
    runner = build_runner(cfg, launcher)
    bare_model(runner).view_frames = longest_view(cfg.get("train_dataloader"))
    metric, dataset = _metric(runner), runner.test_dataloader.dataset
    metric.with_parts = False
    untrained = unflatten(_run_untrained(runner)) if floors else {}
    metric.with_parts = True
    _load_weights(runner, checkpoint)
    result: dict[str, Any] = {**unflatten(runner.test())}
    if floors and is_main_process():
        figures: dict[str, Any] = {**evaluate_floors(raw_samples(dataset), metric.options)}
        majority = figures.pop("majority")
        result["floors"] = {**figures, "untrained": untrained, "majority": majority}
    return {
        **result,
        "action": next(raw_samples(dataset))["action"],
        "corruption": corruptions_of(dataset),
        "seed": runner.seed,
        "protocol": asdict(metric.options),
        "config": Path(cfg.filename).name if cfg.filename else None,
        "checkpoint": Path(checkpoint).name,
        **provenance,
        "versions": package_versions(),
    }


def write_result(result: dict[str, Any], out: str | Path) -> None:
    """Write ``metrics.json`` and ``metrics.md`` into a folder and print the tables.

    Args:
        result: What ``test`` returned.
        out: The folder; made if missing.
    """
    write_json(Path(out, "metrics.json"), result)
    title = f"{result['config']}: {result['action']}"
    for step in result["corruption"]:
        title += ", {type} {level:g} on {split}".format(**step)
    write_markdown(Path(out, "metrics.md"), title, result)
    console = Console(markup=False, emoji=False)
    for table in rich_tables(result):
        console.print(table)
    console.print(f"wrote {Path(out, 'metrics.json')}", soft_wrap=True)


def _run_untrained(runner: Runner) -> dict[str, float]:
    model = bare_model(runner)
    if hasattr(model, "init_weights"):
        model.init_weights()  # As at the start of training.
    return runner.test()


def _load_weights(runner: Runner, checkpoint: str) -> None:
    try:
        runner.load_checkpoint(checkpoint, strict=True)
    except (InputError, RuntimeError) as error:
        reason = " ".join(str(error).split())
        raise InputError(
            f"{checkpoint}: its weights do not fit the config's model ({reason[:200]}); "
            "use the config it was trained with"
        ) from error
    model = bare_model(runner)
    if lack := getattr(model, "unfinished", lambda: None)():
        print_log(f"{checkpoint}: {lack}", logger="current", level=logging.WARNING)


def _evaluator(cfg: Config) -> dict[str, Any]:
    """The config of the one metric that is needed."""
    missing = [key for key in ("test_dataloader", "test_evaluator", "test_cfg") if key not in cfg]
    if missing:
        raise InputError(f"{cfg.filename}: lacks {', '.join(missing)}; a config to test has them")
    found = cfg.test_evaluator if isinstance(cfg.test_evaluator, list) else [cfg.test_evaluator]
    for evaluator in found:
        if str(evaluator.get("type")).split(".")[-1] == "AlignmentMetric":
            return evaluator
    raise InputError(f"{cfg.filename}: test_evaluator has no AlignmentMetric; add one")


def _metric(runner: Runner) -> AlignmentMetric:
    metrics = runner.test_loop.evaluator.metrics
    return next(metric for metric in metrics if isinstance(metric, AlignmentMetric))


if __name__ == "__main__":
    raise SystemExit(main())
