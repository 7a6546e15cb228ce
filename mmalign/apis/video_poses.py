"""Poses of a video file, extracted once per content."""

from __future__ import annotations

import hashlib
import os
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from mmalign.datasets.pose_file import PoseSequence, read_pose_file, write_pose_file
from mmalign.errors import InputError

VIDEO_SUFFIXES = (".mp4", ".avi", ".mov", ".mkv", ".webm", ".m4v", ".mpg", ".mpeg")
EXTRACTOR = "mmalign.apis.extract"
"""Module with ``extract_poses(path) -> PoseSequence``, where pose extraction is installed."""


def cache_folder() -> Path:
    """Where extracted poses are kept: ``$MMALIGN_CACHE``, by default ``~/.cache/mmalign``."""
    return Path(os.environ.get("MMALIGN_CACHE") or Path.home() / ".cache" / "mmalign") / "poses"


def poses_of_video(path: Path) -> PoseSequence:
    """Poses of the person in a video; those of a known content come from the cache.

    Raises:
        InputError: If the video's poses are not known and cannot be extracted.
    """
    cached = cache_folder() / f"{_digest(path)}.npz"
    if cached.is_file():
        return read_pose_file(cached)
    if find_spec(EXTRACTOR) is None:
        raise InputError(
            f"{path}: a video, and this installation cannot extract poses; run a pose detector and"
            " name its output with --format (openpose, mmpose, alphapose, mediapipe, ...), or make"
            " a pose file of it by `mmalign data convert`"
        )
    sequence = import_module(EXTRACTOR).extract_poses(path)
    write_pose_file(cached, sequence)
    return sequence


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
