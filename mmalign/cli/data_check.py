"""``mmalign data check DIR``: what is wrong with a prepared data set, for people and scripts."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.progress import track

from mmalign.cli.guard import guarded
from mmalign.poses.check import DataSetCheck, check_dataset
from mmalign.skeletons import get_skeleton

WIDTH = 24
"""Characters of the longest bar."""


def build_parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="mmalign data check",
        description="Read a prepared data set completely and tell what is wrong with it.",
        epilog="Exit status: 0 clean, 1 defects, 2 no readable data set. Example: "
        "mmalign data check data/penn_action",
    )
    parser.add_argument("root", metavar="DIR", help="folder of the prepared data set")
    return parser


@guarded
def main(argv: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        argv: Arguments; those of the process by default.

    Returns:
        Exit status: 0, 1 with defects, or 2 with a line on stderr when there is no data set.
    """
    args = build_parser().parse_args(argv)
    check = check_dataset(
        args.root,
        lambda entries: track(
            list(entries), "checking", console=Console(stderr=True), transient=True
        ),
    )
    print("\n".join(report(check, args.root)))
    return 1 if check.defects else 0


def report(check: DataSetCheck, root: str) -> list[str]:
    """The lines that are printed: facts, notes, defects and the verdict."""
    index = check.index
    splits = Counter(entry.split for entry in index.sequences)
    rates = ", ".join(f"{fps:g}" for fps in sorted(check.rates)) or "no"
    labelled = sum(entry.labelled for entry in index.sequences)
    lines = [
        f"{root}: {index.source}",
        f"{len(index.sequences):,} sequences ({splits['train']:,} train, {splits['val']:,} val; "
        f"{labelled:,} labelled) of {len(index.actions)} actions, {check.frames:,} frames at "
        f"{rates} fps, skeleton {index.skeleton}",
        "joints present in the frames:",
    ]
    joints = get_skeleton(index.skeleton).joints
    width = max(map(len, joints))
    for joint, share in zip(joints, check.visibility, strict=True):
        lines.append(f"  {joint:<{width}} {'█' * round(share * WIDTH):<{WIDTH}} {share:7.1%}")
    lines += [f"note: {note}" for note in check.notes]
    lines += [f"defect: {line}" for line in check.lines()]
    count = len(check.defects)
    lines.append(f"verdict: {f'{count} defects' if count else 'clean'}")
    return lines
