"""The command line options that make a pose extractor."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mmalign.apis.extract import PoseExtractor
from mmalign.apis.inputs import format_options
from mmalign.apis.pose_backends.catalogue import BACKENDS, build_backend
from mmalign.datasets.formats.catalogue import list_formats
from mmalign.datasets.formats.people import add_person_arguments
from mmalign.errors import InputError
from mmalign.extraction.estimation import Estimation
from mmalign.extraction.people_sources import FilePeople, NetworkPeople, PeopleSource
from mmalign.extraction.sequences import Choice
from mmalign.skeletons import list_skeletons

_NETWORK = ("model", "checkpoint", "detector", "detector_checkpoint")


def add_extraction_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options that :func:`extractor_from` reads."""
    network = parser.add_argument_group("pose estimator")
    network.add_argument(
        "--backend", default="mmpose", metavar="NAME",
        help=f"{', '.join(BACKENDS)}, file (poses that another tool made) or MODULE:NAME of your"
        " own (default: %(default)s)",
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
        "--fps", type=float, help="frame rate of the sequences (default: the video's)"
    )


def extractor_from(args: argparse.Namespace) -> PoseExtractor:
    """Make the extractor of :func:`add_extraction_arguments`'s options.

    Raises:
        InputError: If an option cannot be used or the estimator cannot be made.
    """
    choice = Choice(args.person, args.max_gap, args.skeleton)
    return PoseExtractor(_source(args), choice, args.fps)


def settings_of(args: argparse.Namespace) -> dict[str, Any]:
    """What the poses depend on besides the video, to tell whether a finished file still counts."""
    names = ("backend", *_NETWORK, "det_every", "det_score", "poses", "format", "format_options")
    settings = {name: getattr(args, name) for name in names}
    for name in (*_NETWORK, "poses"):
        if settings[name] and Path(settings[name]).is_file():
            settings[name] = [settings[name], Path(settings[name]).stat().st_mtime_ns]
    return {**settings, **asdict(Choice(args.person, args.max_gap, args.skeleton)), "fps": args.fps}


def _source(args: argparse.Namespace) -> PeopleSource:
    how = Estimation(args.det_every, args.det_score, args.batch_size)
    if args.threads is not None and args.threads < 1:
        raise InputError(f"--threads {args.threads}, expected 1 or more")
    if args.backend == "file":
        if not args.poses or not args.format:
            raise InputError("--backend file: expected --poses PATH and --format NAME with it")
        options = format_options(args.format, args.format_options.split())
        return FilePeople(args.poses, args.format, options)
    backend = build_backend(
        args.backend,
        **{name: getattr(args, name) for name in _NETWORK},
        skeleton=args.skeleton,
        device=args.device,
        batch_size=args.batch_size,
        threads=args.threads,
    )
    return NetworkPeople(backend, how, args.threads or 0)
