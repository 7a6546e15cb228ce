"""Poses of a video file, extracted once per content."""

from __future__ import annotations

import argparse
import hashlib
import os
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path

from mmalign import fileio
from mmalign.errors import InputError
from mmalign.extraction.extractor import PoseExtractor
from mmalign.extraction.options import add_extraction_arguments, extractor_from, settle_backend
from mmalign.extraction.sequences import check_skeleton
from mmalign.poses.pose_file import PoseSequence, read_pose_file, write_pose_file

VERSION = 3
"""Rises with every change that gives other poses, so that old ones are not used again."""
CROWDED = 0.25
"""Share of the frames in which several people may be before it is told."""
OPTIONS_VARIABLE = "MMALIGN_EXTRACT"
"""Environment variable with the extractor's options; other options make other poses."""


def cache_folder() -> Path:
    """Where extracted poses are kept: ``$MMALIGN_CACHE``, by default ``~/.cache/mmalign``."""
    return fileio.cache_folder("poses")


def poses_of_video(path: Path, skeleton: str | None = None) -> PoseSequence:
    """Poses of the person in a video; of a known content and options they come from the cache.

    What is damaged in the cache is made again.

    Args:
        path: The video.
        skeleton: The one that they will be brought into; None for any. An estimator that lacks
            joints of it is not started.

    Raises:
        InputError: If the video's poses are not known and cannot be extracted.
    """
    cached = cache_folder() / f"{_digest(path)}.npz"
    if cached.is_file():
        with suppress(InputError):
            return read_pose_file(cached)
    sequence = extract_poses(path, skeleton)
    write_pose_file(cached, sequence)
    return sequence


def extract_poses(path: Path, skeleton: str | None = None) -> PoseSequence:
    """Poses of the performer in a video, with the options of ``$MMALIGN_EXTRACT``.

    The variable holds options of ``mmalign extract-poses``, such as ``--backend rtmlib --model
    pose.onnx``; without it that command's defaults hold.

    Args:
        path: The video.
        skeleton: As of :func:`poses_of_video`.

    Raises:
        InputError: If no pose estimator can be used, or the video cannot.
    """
    with _explained(path):
        extractor = _extractor(os.environ.get(OPTIONS_VARIABLE, ""))
        if skeleton is not None:
            check_skeleton(extractor.skeleton, skeleton)
    found = extractor(path)
    if found.crowded >= CROWDED * len(found.wanted):
        print(
            f"note: {path}: several people are in {found.crowded} of {len(found.wanted)} frames;"
            f" one is followed (--person {extractor.choice.person}). For another set"
            f" {OPTIONS_VARIABLE}, e.g. to '--person center' (mmalign extract-poses --help)",
            file=sys.stderr,
        )
    return found.sequences[0]


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except InputError as error:
        raise InputError(
            f"{path}: a video, whose poses cannot be extracted: {error}; set {OPTIONS_VARIABLE} to"
            " options of `mmalign extract-poses`, or give poses that another tool made with"
            " --format or as a pose file"
        ) from error


@lru_cache(maxsize=1)
def _settled(options: str) -> tuple[argparse.Namespace, str | None]:
    """The options with an estimator, and the line that tells it where they name none."""
    parser = argparse.ArgumentParser(prog=OPTIONS_VARIABLE, add_help=False)
    add_extraction_arguments(parser)
    try:
        args = parser.parse_args(shlex.split(options))
    except (SystemExit, ValueError) as error:
        raise InputError(
            f"{OPTIONS_VARIABLE} is {options!r}, expected options of `mmalign extract-poses`"
        ) from error
    return args, settle_backend(args)


@lru_cache(maxsize=1)
def _extractor(options: str) -> PoseExtractor:
    args, taken = _settled(options)
    if taken is not None:
        print(taken, file=sys.stderr)
    return extractor_from(args)


def _digest(path: Path) -> str:
    options = os.environ.get(OPTIONS_VARIABLE, "")
    with _explained(path):
        args, taken = _settled(options)
    # Where nothing is named, other machines take other estimators, and this one another day.
    if taken is not None and args.backend != "mmpose":
        options = f"{options} --backend {args.backend}"
    digest = hashlib.sha256(f"{VERSION} {options}".encode())
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
