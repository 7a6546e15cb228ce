"""The files of a source: which there are, and which of them are one clip."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from mmalign.errors import InputError
from mmalign.formats.recordings import natural_key


@dataclass(frozen=True)
class Source:
    """One clip to be read.

    Attributes:
        name: ``[SPLIT/][ACTION/]NAME``, its place in the source without the file's suffix.
        paths: Its file, or its files in the order of the frames.
        frames: The position of each file in the clip; empty for a single file.
        num_frames: Frames of the clip where there is a file per frame.
        start: The number of the first frame by the files' names; None where they count none.
        fps: Frames per second by the files' names.
        notes: What a user should know of the names.
        counts: How often each oddity of the names was met.
    """

    name: str
    paths: tuple[Path, ...]
    frames: tuple[int, ...] = ()
    num_frames: int = 0
    start: int | None = None
    fps: float | None = None
    notes: tuple[str, ...] = ()
    counts: Counter[str] = field(default_factory=Counter, compare=False)


def find_files(src: Path, suffixes: tuple[str, ...]) -> list[Path]:
    """The file ``src``, or all files below the folder ``src``, in natural order.

    Raises:
        InputError: If there is none with one of the suffixes.
    """
    if src.is_file():
        return [src]
    found = [p for p in src.rglob("*") if _is_data(p, suffixes)]
    if not found:
        what = f"has no {' or '.join(suffixes)}" if src.is_dir() else "does not exist"
        raise InputError(f"{src}: {what}; expected a file or a folder of files; check the path")
    return sorted(found, key=lambda path: natural_key(path.relative_to(src).as_posix()))


def _is_data(path: Path, suffixes: tuple[str, ...]) -> bool:
    return path.name.endswith(suffixes) and not path.name.startswith(".") and path.is_file()


def parse_frame_size(text: str | None) -> tuple[int, int] | None:
    """``WIDTHxHEIGHT`` as ``(h, w)``.

    Raises:
        InputError: If it is not of that form.
    """
    if text is None:
        return None
    match = re.fullmatch(r"([1-9]\d{0,5})x([1-9]\d{0,5})", text, re.ASCII)
    if match is None:
        raise InputError(f"--frame-size {text!r}, expected WIDTHxHEIGHT such as 1920x1080")
    return int(match[2]), int(match[1])
