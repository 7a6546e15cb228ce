"""Resized frames on disk: decoded once, then mapped into memory by every process and epoch."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from mmalign.datasets.frames.reading import ReadingOptions, read_source
from mmalign.errors import InputError
from mmalign.fileio import atomic_write, cache_folder

# Part of a clip's key: raise it when the same source and options give other frames.
_VERSION = 2


@dataclass(frozen=True)
class FrameClip:
    """All frames of a source.

    Attributes:
        frames: ``(N, H, W, C)``, mapped from the cache.
        times: ``(N,)`` float64 seconds since the first frame; NaN in a folder of images.
    """

    frames: np.ndarray
    times: np.ndarray


def frame_clip(
    path: str | Path, options: ReadingOptions, folder: str | Path | None = None
) -> FrameClip:
    """The frames of a video or of a folder of images, from the cache where it has them.

    The key is made of the source's path, sizes and times of change, and the options. Several
    processes may ask for the same clip: each writes under a name of its own and renames it.

    Args:
        path: the source.
        options: modality and size.
        folder: the cache; ``$MMALIGN_CACHE/frames``, by default ``~/.cache/mmalign/frames``, if
            None. It may be deleted at any time between two runs.

    Raises:
        InputError: the source cannot be read or the cache not be written.
    """
    folder = cache_folder("frames") if folder is None else Path(folder)
    key = _key(Path(path), options)
    stored, clock = folder / f"{key}.npy", folder / f"{key}.times.npy"
    clip = _open(stored, clock)
    if clip is None:
        _store(read_source(path, options), options, stored, clock)
        clip = _open(stored, clock)
    if clip is None:
        raise InputError(f"{stored}: was written and cannot be read; name another cache_dir")
    return clip


def _key(path: Path, options: ReadingOptions) -> str:
    try:
        path = path.resolve()
        files = sorted(os.scandir(path), key=lambda e: e.name) if path.is_dir() else [path]
        stats = [(file.name, file.stat()) for file in files]
    except (OSError, ValueError) as error:  # no such file, a name that none can have
        reason = getattr(error, "strerror", error)
        raise InputError(
            f"{path}: no readable video or folder of images ({reason}); check the path"
        ) from error
    facts = [(name, stat.st_size, stat.st_mtime_ns) for name, stat in stats]
    text = repr((_VERSION, str(path), facts, astuple(options)))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _open(stored: Path, clock: Path) -> FrameClip | None:
    """The clip, or None if the cache lacks it or holds a damaged file."""
    try:
        frames = np.load(stored, mmap_mode="r", allow_pickle=False)
        return FrameClip(frames, np.load(clock, allow_pickle=False))
    except (OSError, ValueError, EOFError):
        return None


def _store(
    source: Iterator[tuple[float, np.ndarray]], options: ReadingOptions, stored: Path, clock: Path
) -> None:
    """Write frames as they come, so that a long video needs no more memory than a short one."""
    times: list[float] = []
    try:
        with atomic_write(stored) as temporary:
            with temporary.open("wb") as file:
                _write_header(file, 0, options)
                for seconds, frame in source:
                    times.append(seconds)
                    file.write(np.ascontiguousarray(frame, options.dtype).data)
                # NumPy leaves room in the header for the first axis to grow.
                file.seek(0)
                _write_header(file, len(times), options)
            # First the times: where there are frames, there are times.
            with atomic_write(clock) as beside:
                np.save(beside, np.array(times))
    except OSError as error:
        raise InputError(
            f"{stored.parent}: cannot keep frames there ({error.strerror}); name another cache_dir"
        ) from error


def _write_header(file: BinaryIO, count: int, options: ReadingOptions) -> None:
    description = np.lib.format.dtype_to_descr(options.dtype)
    facts = {"descr": description, "fortran_order": False, "shape": (count, *options.shape)}
    np.lib.format.write_array_header_1_0(file, facts)
