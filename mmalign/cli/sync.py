"""Synchronise cameras that film the same moments: ``mmalign sync`` and ``tools/sync.py``."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from mmalign.cli.guard import guarded
from mmalign.cli.inputs import add_input_arguments, parse_with_format, read_given
from mmalign.fileio import atomic_write, write_json

EXAMPLES = """\
examples:
  two pose files:       %(prog)s cam1.npz cam2.npz --out DIR
  a detector's output:  %(prog)s cam1_json cam2_json cam3_json --format openpose --fps 60 --out DIR

With --format, further options are those of `mmalign data convert FORMAT`. It needs no checkpoint.
Cameras must stand still and not zoom.
For different executions of one activity see `mmalign align`.
"""


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the command's arguments."""
    parser = argparse.ArgumentParser(
        prog="mmalign sync",
        description="Find by how much the clocks of cameras differ that film one person at the same"
        " time. Writes offsets.json, alignment.json and .csv, figures, videos and report.html.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add_input_arguments(parser)
    add(
        "--reference",
        type=int,
        default=0,
        metavar="N",
        help="which sequence of the inputs has the clock, from 0 (default: %(default)s)",
    )
    add(
        "--least-overlap",
        type=float,
        metavar="SECONDS",
        help="what an input has in common with the reference at least (default: half of the"
        " shorter one, at most 5)",
    )
    return parser


@guarded
def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    args, further = parse_with_format(build_parser(), argv)
    from mmalign.apis import synchronize
    from mmalign.cli.align import (
        begin,
        file_names,
        files_in,
        tell_what_is_older,
        write_alignment,
        write_pictures,
    )
    from mmalign.visualization.offset_figure import draw_offset

    found = synchronize(
        *read_given(args, further),
        reference=args.reference,
        least_overlap=args.least_overlap,
    )
    result, out = found.alignment, Path(args.out)
    content = {
        "reference": result.reference.name,
        "offsets": {
            other.name: {
                "seconds": round(offset.seconds, 5),
                "correlation": round(offset.correlation, 4),
                "misfit": round(offset.misfit, 4),
            }
            for other, offset in zip(result.others, found.offsets, strict=True)
        },
    }
    before = files_in(out)
    begin(out)
    write_json(out / "offsets.json", content)
    names = file_names(result)
    for name, other, offset in zip(names, result.others, found.offsets, strict=True):
        with atomic_write(out / f"{name}_offset.png") as temporary:
            draw_offset(offset, result.reference.name, other.name).savefig(temporary, dpi=110)
    write_pictures(result, out, not args.no_video)
    write_alignment(result, out)
    print(f"clock of: {result.reference.name}")
    for pair, offset in zip(result.pairs, found.offsets, strict=True):
        doubt = "" if pair.is_same_activity else ", PROBABLY NOT THE SAME MOMENTS"
        print(
            f"{pair.other}: starts at {offset.seconds:.4f} s"
            f" ({offset.seconds * pair.reference_fps:.2f} frames), correlation"
            f" {offset.correlation:.2f}, misfit {offset.misfit:.3f}{doubt}"
        )
    print(f"wrote {out}")
    tell_what_is_older(out, before)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
