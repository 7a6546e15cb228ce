"""Prepare data sets: ``python tools/data/prepare.py FORMAT SRC --out DST``."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.progress import track
from rich.table import Table

from mmalign.cli.guard import guarded
from mmalign.datasets.formats import penn_action


def build_parser() -> argparse.ArgumentParser:
    """The command line of the tool."""
    parser = argparse.ArgumentParser(
        prog="prepare.py", description="Turn a public data set into a folder of pose files."
    )
    formats = parser.add_subparsers(dest="format", required=True, metavar="FORMAT")
    penn = formats.add_parser(
        "penn_action", help="Penn Action's annotated joints, with the benchmark's phase labels"
    )
    penn.add_argument("src", metavar="SRC", help="folder with labels/ and phase_labels/")
    penn.add_argument("--out", required=True, metavar="DST", help="folder to write to")
    penn.add_argument(
        "--actions", nargs="+", metavar="ACTION", help="only these (default: all of the benchmark)"
    )
    penn.add_argument(
        "--occluded-score",
        type=float,
        default=0.5,
        help="score of joints that are invisible but annotated (default: %(default)s)",
    )
    penn.add_argument(
        "--skip-errors", action="store_true", help="leave out videos that cannot be used"
    )
    return parser


@guarded
def main(argv: Sequence[str] | None = None) -> int:
    """Run the tool.

    Args:
        argv: Arguments; those of the process by default.

    Returns:
        Exit status: 0, or 2 with a line on stderr when the input cannot be used.
    """
    args = build_parser().parse_args(argv)
    report = penn_action.convert(
        args.src,
        args.out,
        actions=args.actions,
        occluded_score=args.occluded_score,
        on_error="skip" if args.skip_errors else "raise",
        progress=lambda files: track(
            list(files), "Penn Action", console=Console(stderr=True), transient=True
        ),
    )
    _print_report(report, args.out)
    return 0


def _print_report(report: penn_action.ConversionReport, out: str) -> None:
    """Print what was written, what was odd and what was left out."""
    written = report.index.sequences
    sizes = Counter((entry.action, entry.split, entry.labelled) for entry in written)
    table = Table("action", "phases", "train (labelled)", "val (labelled)")
    for action, facts in report.index.actions.items():
        cells = []
        for split in ("train", "val"):
            labelled = sizes[action, split, True]
            cells.append(f"{labelled + sizes[action, split, False]} ({labelled})")
        table.add_row(action, str(len(facts["phases"]) or "-"), *cells)
    Console().print(table)
    for name, count in report.counts.items():
        print(f"{count:>9,} {name}")
    for video, (frames, labels) in report.short_labels.items():
        print(f"video {video}: {frames} frames, {labels} labels; cut to {min(frames, labels)}")
    for video, reason in report.skipped.items():
        print(f"skipped {video}: {reason}")
    print(f"wrote {len(written)} sequences to {out} ({len(report.skipped)} skipped)")
