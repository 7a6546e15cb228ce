"""Arguments of the commands that take sequences: `mmalign align` and `mmalign sync`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any


def add_input_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the inputs, their format and videos, and where to write."""
    add = parser.add_argument
    add("inputs", nargs="+", metavar="INPUT", help="pose file (.npz), video, or see --format")
    add("--out", required=True, metavar="DIR", help="where to write")
    add("--format", metavar="NAME", help="format of the inputs, as in `mmalign data convert`")
    add(
        "--videos",
        nargs="+",
        default=(),
        metavar="FILE",
        help="the videos that the inputs' poses are of, in their order, - for none: they are shown",
    )
    add("--no-video", action="store_true", help="write no MP4 and no pictures into the report")


def add_network_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the trained network: its weights and config, the action that it sees, its device."""
    add = parser.add_argument
    add(
        "--checkpoint",
        default="general",
        metavar="CKPT",
        help="weights, e.g. W/epoch_30.pth, or the name of a network that comes with the package"
        " (mmalign models; default: %(default)s, for bodies)",
    )
    add("--config", help="config of the checkpoint (default: the one it carries)")
    add(
        "--action",
        default="",
        metavar="NAME",
        help="what the inputs show, for a network of several actions (default: not said)",
    )
    add("--device", default="cpu", help="e.g. cuda (default: %(default)s)")


def parse_with_format(
    parser: argparse.ArgumentParser, argv: Sequence[str] | None
) -> tuple[argparse.Namespace, list[str]]:
    """Parse arguments; what is not known is left for the reader of ``--format``."""
    args, further = parser.parse_known_args(argv)
    if further and args.format is None:
        parser.error(f"unrecognized arguments: {' '.join(further)}")
    return args, further


def read_given(
    args: argparse.Namespace, further: list[str], skeleton: str | None = None
) -> list[Any]:
    """The sequences that the arguments name; videos that will be shown can be.

    Args:
        args: The arguments.
        further: Those for the reader of ``--format``.
        skeleton: The one that a network wants, or None.

    Raises:
        InputError: If one cannot be read, or its video not be decoded.
    """
    # It imports torch.
    from mmalign.apis.inputs import read_inputs
    from mmalign.formats.catalogue import format_options
    from mmalign.video.loop import check_video

    options = format_options(args.format, further, processing=True) if args.format else None
    found = read_inputs(args.inputs, args.format, options, args.videos, skeleton)
    # Before anything is written: the alignment, then no report of it, would be half a result.
    for one in found:
        if one.video is not None:
            check_video(one.video)
    return found
