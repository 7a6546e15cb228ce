"""``mmalign data toy FORMAT --out DIR``: generated data in a public data set's own files."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from mmalign.cli.guard import guarded
from mmalign.toy.activities import list_activities
from mmalign.toy.h2o_tree import write_h2o
from mmalign.toy.ikea_tree import write_ikea_asm
from mmalign.toy.penn_tree import write_penn_action
from mmalign.toy.tempo import LENGTH
from mmalign.toy.trees import ToyContent

# Format: what writes it, the activity by default, what `mmalign data convert` needs beside it.
WRITERS = {
    "h2o": (write_h2o, "pour", "--casa-record {out}/npyrecords"),
    "ikea_asm": (write_ikea_asm, "lift", ""),
    "penn_action": (write_penn_action, "lift", ""),
}


def build_parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="mmalign data toy",
        description="Write generated activities in a public data set's own files, to try its "
        "reader and its config without the data.",
        epilog="example: mmalign data toy h2o --out toy_h2o",
    )
    parser.add_argument("format", choices=WRITERS, help="whose files to write")
    parser.add_argument("--out", required=True, metavar="DIR", help="folder to write to")
    parser.add_argument(
        "--activity", choices=list_activities(), help="default: pour for h2o, lift for the others"
    )
    parser.add_argument("--num-train", type=int, default=48, metavar="N", help="default: 48")
    parser.add_argument("--num-val", type=int, default=24, metavar="N", help="default: 24")
    parser.add_argument("--seed", type=int, default=0, help="default: 0")
    parser.add_argument(
        "--length",
        type=int,
        nargs=2,
        default=LENGTH,
        metavar=("MIN", "MAX"),
        help=f"numbers of frames (default: {LENGTH[0]} {LENGTH[1]})",
    )
    parser.add_argument(
        "--noise", type=float, default=1.0, help="factor on detection noise (default: 1)"
    )
    return parser


@guarded
def main(argv: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        argv: Arguments; those of the process by default.

    Returns:
        Exit status: 0, or 2 with a line on stderr when an argument cannot be used.
    """
    args = build_parser().parse_args(argv)
    write, activity, options = WRITERS[args.format]
    content = ToyContent(
        activity=args.activity or activity,
        num_train=args.num_train,
        num_val=args.num_val,
        seed=args.seed,
        length=tuple(args.length),
        noise=args.noise,
    )
    written = write(args.out, content)
    print(f"wrote {len(written)} sequences to {args.out}")
    command = f"mmalign data convert {args.format} {args.out} --out DST {options}"
    print("convert them by:", command.format(out=args.out).rstrip())
    return 0
