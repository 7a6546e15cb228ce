"""The command line options that make a pose extractor."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mmalign.errors import InputError
from mmalign.extraction.backends.auto import choose_backend
from mmalign.extraction.backends.catalogue import BACKENDS
from mmalign.extraction.extractor import PoseExtractor
from mmalign.extraction.people_sources import FilePeople
from mmalign.extraction.sequences import Choice
from mmalign.formats.catalogue import format_options, list_formats
from mmalign.poses.people import add_person_arguments
from mmalign.skeletons import list_skeletons

_NETWORK = ("model", "checkpoint", "detector", "detector_checkpoint")
_ESTIMATION = ("det_every", "det_score", "batch_size")


def add_extraction_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options that :func:`extractor_from` reads."""
    network = parser.add_argument_group("pose estimator")
    network.add_argument(
        "--backend", default="auto", metavar="NAME",
        help=f"{', '.join(BACKENDS)}, auto (the best of these that works here), file (poses that"
        " another tool made) or MODULE:NAME of your own (default: %(default)s)",
    )  # fmt: skip
    network.add_argument(
        "--model", metavar="MODEL", help="pose network: alias, config or model file"
    )
    network.add_argument("--checkpoint", metavar="FILE", help="its weights")
    network.add_argument(
        "--detector", metavar="MODEL", help="of people (default: none, the whole frame is one)"
    )
    network.add_argument("--detector-checkpoint", metavar="FILE", help="its weights")
    network.add_argument("--device", default="cpu", help="cpu, cuda, cuda:1 (default: %(default)s)")
    network.add_argument(
        "--threads", type=int, metavar="N", help="CPU threads of decoder and networks"
    )
    network.add_argument(
        "--batch-size", type=int, default=16, metavar="N",
        help="crops that go through a network at once (default: %(default)s)",
    )  # fmt: skip
    network.add_argument(
        "--det-every", type=int, default=1, metavar="N",
        help="detect people in every Nth frame, interpolate between (default: %(default)s)",
    )  # fmt: skip
    network.add_argument(
        "--det-score", type=float, default=0.3, metavar="S",
        help="least score of a detection; below 0.05 none are made (default: %(default)s)",
    )  # fmt: skip
    network.add_argument("--poses", metavar="PATH", help="with --backend file: the poses")
    network.add_argument(
        "--format", choices=list_formats(), help="with --backend file: their format"
    )
    network.add_argument(
        "--format-options", default="", metavar="TEXT",
        help="with --backend file: options of `mmalign data convert FORMAT`, in quotes",
    )  # fmt: skip
    kept = parser.add_argument_group("what is kept")
    add_person_arguments(parser)
    kept.add_argument(
        "--skeleton", choices=list_skeletons(), help="of the poses (default: the model's)"
    )
    kept.add_argument(
        "--repair", choices=("on", "off"), default="on",
        help="put left and right that were exchanged for some frames back, and take jitter out"
        " (default: %(default)s)",
    )  # fmt: skip
    kept.add_argument(
        "--fps", type=float, help="frame rate of the sequences (default: the video's)"
    )


def settle_backend(args: argparse.Namespace) -> str | None:
    """Put the estimator that ``auto`` stands for here into the options.

    Returns:
        A line that says what was taken and why; None if the options name an estimator.

    Raises:
        InputError: If none can be used.
    """
    if args.backend != "auto":
        return None
    names = (*_NETWORK, "skeleton", "device")
    taken = choose_backend(**{name: getattr(args, name) for name in names})
    for name in ("backend", "model", "detector", "skeleton"):
        setattr(args, name, getattr(taken, name))
    return str(taken)


def extractor_from(args: argparse.Namespace) -> PoseExtractor:
    """Make the extractor of :func:`add_extraction_arguments`'s options.

    Raises:
        InputError: If an option cannot be used or the estimator cannot be made.
    """
    if args.backend == "file":
        if not args.poses or not args.format:
            raise InputError("--backend file: expected --poses PATH and --format NAME with it")
        options = format_options(args.format, args.format_options.split())
        return PoseExtractor(FilePeople(args.poses, args.format, options), _choice(args), args.fps)
    return PoseExtractor.from_options(
        args.backend,
        **asdict(_choice(args)),
        **{name: getattr(args, name) for name in (*_NETWORK, *_ESTIMATION, "device", "threads")},
        fps=args.fps,
    )


def settings_of(args: argparse.Namespace) -> dict[str, Any]:
    """What the poses depend on besides the video, to tell whether a finished file still counts."""
    names = ("backend", *_NETWORK, "det_every", "det_score", "poses", "format", "format_options")
    settings = {name: getattr(args, name) for name in names}
    for name in (*_NETWORK, "poses"):
        if settings[name] and Path(settings[name]).is_file():
            settings[name] = [settings[name], Path(settings[name]).stat().st_mtime_ns]
    return {**settings, **asdict(_choice(args)), "fps": args.fps}


def _choice(args: argparse.Namespace) -> Choice:
    return Choice(args.person, args.max_gap, args.skeleton, args.repair == "on")
