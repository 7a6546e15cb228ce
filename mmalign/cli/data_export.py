"""``mmalign data export FORMAT DIR --out OUT``: a prepared data set in a public format."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from rich.console import Console
from rich.progress import track

from mmalign.cli.guard import guarded
from mmalign.formats.export import EXPORTS, export


def build_parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="mmalign data export",
        description="Write a prepared data set in a public format: a file SPLIT/ACTION/ID per "
        "sequence, or one pickle (mmaction).",
        epilog="example: mmalign data export csv data/mine --out tables",
    )
    parser.add_argument("format", choices=EXPORTS, metavar="FORMAT", help=", ".join(EXPORTS))
    parser.add_argument("root", metavar="DIR", help="folder of the prepared data set")
    parser.add_argument("--out", required=True, metavar="OUT", help="folder to write to")
    return parser


@guarded
def main(argv: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        argv: Arguments; those of the process by default.

    Returns:
        Exit status: 0, or 2 with a line on stderr when the data set cannot be exported.
    """
    args = build_parser().parse_args(argv)
    console = Console(stderr=True)
    count = export(
        args.root,
        args.out,
        args.format,
        lambda entries: track(list(entries), "exporting", console=console, transient=True),
    )
    print(f"wrote {count} sequences to {args.out}")
    return 0
