"""The first thing to run: ``mmalign demo`` trains on built-in toy data and scores the result."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from mmalign.cli import test as test_command
from mmalign.cli import train as train_command
from mmalign.cli.config import shipped_config
from mmalign.cli.guard import guarded
from mmalign.errors import InputError

CONFIG = "configs/la2ds_toy.py"


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the command's arguments."""
    parser = argparse.ArgumentParser(
        prog="mmalign demo",
        description=f"Train {CONFIG} on generated sequences and score it beside the floors."
        " Nothing is downloaded. A demo that was cut goes on where it was.",
    )
    parser.add_argument("--work-dir", metavar="DIR", default="work_dirs/demo", help="%(default)s")
    parser.add_argument(
        "--cfg-options",
        nargs="+",
        metavar="KEY=VALUE",
        help="change entries of the config, e.g. train_cfg.max_epochs=2 for a quick look",
    )
    return parser


@guarded
def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    args = build_parser().parse_args(argv)
    config, work_dir = str(shipped_config(CONFIG)), Path(args.work_dir)
    options = ["--cfg-options", *args.cfg_options] if args.cfg_options else []
    status = train_command.main([config, "--work-dir", str(work_dir), "--resume", *options])
    if status != 0:
        return status
    checkpoint = train_command.latest_checkpoint(work_dir)
    if checkpoint is None:
        raise InputError(f"{work_dir}: training left no checkpoint; delete the folder and rerun")
    print(f"\ntrained: {checkpoint}\ncurves:  tensorboard --logdir {work_dir}\n", flush=True)
    return test_command.main(
        [config, str(checkpoint), "--out", str(work_dir), "--floors", *options]
    )
