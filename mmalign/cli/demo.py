"""The first thing to run: ``mmalign demo`` aligns two recorded movements; ``--train`` trains."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mmalign.cli.align import write_all
from mmalign.cli.guard import guarded
from mmalign.errors import InputError

if TYPE_CHECKING:  # They import torch, which takes a second.
    from mmalign.apis import AlignedPair

CONFIG = "configs/la2ds_toy.py"
ASSETS = Path(__file__).resolve().parents[1] / "assets"
"""Recorded movements; ``SOURCE.txt`` there tells what they are."""


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the command's arguments."""
    parser = argparse.ArgumentParser(
        prog="mmalign demo",
        description="Align two recorded squats of two people by the network that comes with the"
        f" package, and write a page that plays both in step. With --train: train {CONFIG} on"
        " generated sequences and score it beside the floors; a training that was cut goes on"
        " where it was. Nothing is downloaded.",
    )
    parser.add_argument(
        *("--out", "--work-dir"), metavar="DIR", default="work_dirs/demo", help="%(default)s"
    )
    parser.add_argument("--train", action="store_true", help="train on generated sequences")
    parser.add_argument(
        "--cfg-options",
        nargs="+",
        metavar="KEY=VALUE",
        help="change entries of the training's config, e.g. train_cfg.max_epochs=2 for a quick look"
        " (means --train)",
    )
    return parser


@guarded
def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    args = build_parser().parse_args(argv)
    if args.train or args.cfg_options:
        return train(Path(args.out), args.cfg_options or [])
    return align_squats(Path(args.out))


def align_squats(out: Path) -> int:
    """Align the recorded squats, write the page, and say how near it comes to what is known."""
    from mmalign.apis import AlignmentInferencer

    align = AlignmentInferencer()
    result = align(poses("first_squat"), poses("second_squat"))
    write_all(result, out, phases=str(phases("first_squat")))
    late = align(poses("first_squat"), poses("first_squat_late_camera"))
    print(said_of_people(result.pairs[0]), said_of_cameras(late.pairs[0]), sep="\n")
    print(f"open {out / 'report.html'} in a browser: it plays both squats in step")
    return 0


def said_of_people(pair: AlignedPair) -> str:
    """How much of the second squat is matched, and where its deepest point is found.

    Where that is in either squat is known from the 3D recordings.
    """
    first, second = deepest("first_squat"), deepest("second_squat")
    frames = np.arange(pair.reference_frames) / pair.reference_fps
    found = float(np.interp(first, frames, pair.other_positions)) / pair.other_fps
    return (
        f"Two people squat, seen from 60 degrees left and right: {pair.matched.mean():.0%} of the"
        f" second's frames\nare matched to the first. The first is deepest at {first:.2f} s. The"
        f" alignment finds that moment at\n{found:.2f} s of the second; its 3D recording says"
        f" {second:.2f} s: {1000 * abs(found - second):.0f} ms off."
    )


def said_of_cameras(pair: AlignedPair) -> str:
    """How near one squat seen by two cameras comes to the clock that both share."""
    late = deepest("first_squat") - deepest("first_squat_late_camera")
    errors = 1000 * np.abs(pair.seconds - pair.other_seconds - late)[pair.matched]
    return (
        f"The first squat by a second camera, which began {late:.2f} s later:"
        f" median error {np.median(errors):.1f} ms\nby the clock that both cameras share."
    )


def poses(name: str) -> Path:
    """The file of a recorded movement's poses."""
    return ASSETS / f"{name}.npz"


def phases(name: str) -> Path:
    """The table of a recorded movement's phases: down, and up."""
    return ASSETS / f"{name}_phases.csv"


def deepest(name: str) -> float:
    """When the hips are lowest in a recorded movement, in seconds: there its phase "up" begins."""
    from mmalign.analysis.phase_files import read_phases

    return read_phases(phases(name))[1].start


def train(work_dir: Path, options: Sequence[str]) -> int:
    """Train on generated sequences and score the result.

    Args:
        work_dir: Where the training is written, and gone on with.
        options: Entries of the config to change, ``KEY=VALUE``.

    Returns:
        The exit status.

    Raises:
        InputError: If this is no clone, or training left no checkpoint.
    """
    from mmalign.cli import test as test_command
    from mmalign.cli import train as train_command
    from mmalign.cli.config import shipped_config

    config = str(shipped_config(CONFIG))
    changed = ["--cfg-options", *options] if options else []
    status = train_command.main([config, "--work-dir", str(work_dir), "--resume", *changed])
    if status != 0:
        return status
    checkpoint = train_command.latest_checkpoint(work_dir)
    if checkpoint is None:
        raise InputError(f"{work_dir}: training left no checkpoint; delete the folder and rerun")
    print(f"\ntrained: {checkpoint}\ncurves:  tensorboard --logdir {work_dir}\n", flush=True)
    return test_command.main(
        [config, str(checkpoint), "--out", str(work_dir), "--floors", *changed]
    )
