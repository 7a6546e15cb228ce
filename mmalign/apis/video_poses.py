"""Poses of a video file, extracted once per content."""

from __future__ import annotations

import hashlib
import os
from importlib import import_module
from pathlib import Path

from mmalign import fileio
from mmalign.datasets.pose_file import PoseSequence, read_pose_file, write_pose_file

VIDEO_SUFFIXES = (
    ".mp4", ".avi", ".mov", ".mkv", ".webm", ".m4v", ".mpg", ".mpeg", ".wmv", ".flv", ".3gp", ".ts",
    ".mts",
)  # fmt: skip
EXTRACTOR = "mmalign.apis.extract"
"""Module with ``extract_poses(path) -> PoseSequence``; imported when a video is given."""
OPTIONS_VARIABLE = "MMALIGN_EXTRACT"
"""Environment variable with the extractor's options; other options make other poses."""


def cache_folder() -> Path:
    """Where extracted poses are kept: ``$MMALIGN_CACHE``, by default ``~/.cache/mmalign``."""
    return fileio.cache_folder("poses")


def poses_of_video(path: Path) -> PoseSequence:
    """Poses of the person in a video; of a known content and options they come from the cache.

    Raises:
        InputError: If the video's poses are not known and cannot be extracted.
    """
    cached = cache_folder() / f"{_digest(path)}.npz"
    if cached.is_file():
        return read_pose_file(cached)
    sequence = import_module(EXTRACTOR).extract_poses(path)
    write_pose_file(cached, sequence)
    return sequence


def _digest(path: Path) -> str:
    digest = hashlib.sha256(os.environ.get(OPTIONS_VARIABLE, "").encode())
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def video_seconds(video: str | Path) -> float | None:
    """How long a video says that it lasts, or None where it does not say.

    Raises:
        InputError: If it is no video.
    """
    from mmalign.extraction.video_facts import open_video, video_stream

    with open_video(str(video)) as container:
        stream = video_stream(container, str(video))
        if stream.duration is not None and stream.time_base is not None:
            return float(stream.duration * stream.time_base)
        return container.duration / 1e6 if container.duration else None  # In AV_TIME_BASE.
