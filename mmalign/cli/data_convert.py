"""``mmalign data convert FORMAT SRC --out DST``: poses of a public format to a data set."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.progress import track
from rich.table import Table

from mmalign.cli.guard import guarded
from mmalign.cli.locking import alone_in
from mmalign.formats.base import ConversionReport
from mmalign.formats.catalogue import FORMATS, get_format
from mmalign.formats.convert import convert
from mmalign.poses.processing import add_processing_arguments, take_processing

PROGRAM = "mmalign data convert"


def usage() -> str:
    """Return the text of ``--help`` without a format."""
    width = max(map(len, FORMATS))
    return "\n".join(
        [
            f"usage: {PROGRAM} FORMAT SRC --out DST [options]",
            "",
            "Turn poses of a public format into a folder of pose files with an index.",
            "",
            "formats:",
            *(f"  {name:<{width}}  {get_format(name).description}" for name in FORMATS),
            "",
            "examples:",
            f"  {PROGRAM} penn_action PENN_ACTION --out data/penn_action",
            f"  {PROGRAM} openpose VIDEO_JSON --out data/mine --fill-gaps 5 --smooth savgol",
            "",
            f"{PROGRAM} FORMAT --help lists the options of a format.",
        ]
    )


def build_parser(name: str) -> argparse.ArgumentParser:
    """The command line of one format.

    Raises:
        InputError: If there is no such format.
    """
    reader = get_format(name)
    parser = argparse.ArgumentParser(
        prog=f"{PROGRAM} {name}",
        description=reader.description,
        epilog=f"example: {PROGRAM} {name} SRC --out DST --fill-gaps 5",
    )
    parser.add_argument("src", metavar="SRC", help="file or folder to read")
    general = parser.add_argument_group("what is written")
    general.add_argument("--out", required=True, metavar="DST", help="folder to write to")
    general.add_argument(
        "--skip-errors", action="store_true", help="leave out what cannot be used, and say why"
    )
    add_processing_arguments(general)
    reader.add_arguments(parser)
    return parser


@guarded
def main(argv: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        argv: Arguments; those of the process by default.

    Returns:
        Exit status: 0, or 2 with a line on stderr when the input cannot be used.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    if not arguments or arguments[0] in ("-h", "--help"):
        print(usage())
        return 0
    name, *rest = arguments
    options = vars(build_parser(name).parse_args(rest))
    out = options.pop("out")
    on_error = "skip" if options.pop("skip_errors") else "raise"
    process = take_processing(options)
    reader = get_format(name)(options.pop("src"), **options)
    with alone_in(out):
        report = convert(
            reader,
            out,
            on_error,
            process=process if process.active else None,
            progress=lambda items: track(
                list(items), escape(reader.title), console=Console(stderr=True), transient=True
            ),
        )
    print_report(report, out)
    return 0


def print_report(report: ConversionReport, out: str) -> None:
    """Print what was written, what was odd and what was left out."""
    written = report.index.sequences
    sizes = Counter((entry.action, entry.split, entry.labelled) for entry in written)
    table = Table("action", "phases", "train (labelled)", "val (labelled)")
    for action, facts in report.index.actions.items():
        cells = []
        for split in ("train", "val"):
            labelled = sizes[action, split, True]
            cells.append(f"{labelled + sizes[action, split, False]} ({labelled})")
        table.add_row(escape(action), str(len(facts["phases"]) or "-"), *cells)
    Console().print(table)
    for name, count in report.counts.items():
        print(f"{count:>9,} {name}")
    for note in report.notes:
        print(note)
    for name, reason in report.skipped.items():
        print(f"skipped {name}: {reason}")
    print(f"wrote {len(written)} sequences to {out} ({len(report.skipped)} skipped)")
