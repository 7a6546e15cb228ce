"""What detectors' files have in common: people in frames, frame numbers, sizes and rates."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mmalign.errors import InputError
from mmalign.poses.people import People, clean_poses
from mmalign.poses.pose_file import FARTHEST, FPS_RANGE

_SPARSEST = 10


@dataclass
class Recording:
    """The content of one file, or of one folder with a file per frame.

    Attributes:
        people: Everybody in it, with the joints the file has.
        frame_size: ``(h, w)`` in pixels, where the file states it.
        fps: Frame rate, where the file states it.
        skeleton: Name of the skeleton, where the file states it.
        labels: ``(T,)`` phases, where the file has them.
        phases: Names of the phases 0, 1, ... where the file has names.
        notes: What a user should know of the file.
    """

    people: People
    frame_size: tuple[int, int] | None = None
    fps: float | None = None
    skeleton: str | None = None
    labels: np.ndarray | None = None
    phases: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def read_json(path: str | Path) -> Any:
    """The content of a JSON file.

    Raises:
        InputError: If it is missing or no JSON.
    """
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{path}: no readable JSON ({error}); write the file again") from error


def to_pose(values: Any, source: str, columns: int = 3) -> np.ndarray:
    """One person's numbers ``x, y, score, x, …``, flat or joint by joint, as ``(K, columns)``.

    Raises:
        InputError: If it is something else.
    """
    try:
        # Nothing but a list of (lists of) numbers: text would be read as numbers, too.
        array = np.asarray(values)
        if array.dtype.kind == "O":
            array = np.array(values, dtype=np.float64)
        if array.dtype.kind not in "fiu" or array.size % columns or not array.size:
            raise ValueError(f"{array.size} values of type {array.dtype}")
        return array.astype(np.float64).reshape(-1, columns)
    except (TypeError, ValueError, OverflowError) as error:
        raise InputError(
            f"{source}: found {values!r:.60} ({error}), expected {columns} numbers per joint; "
            "write the file again"
        ) from error


def gather(frames: Iterable[Sequence[np.ndarray]], source: str, ids: Any = None) -> People:
    """Put the people of all frames into one table.

    Args:
        frames: Per frame the ``(K, 3)`` poses in it.
        source: What errors name.
        ids: Per frame the numbers of those people, or None.

    Raises:
        InputError: If people have different numbers of joints, or no joint is at a pixel.
    """
    frames = list(frames)
    poses = [pose for frame in frames for pose in frame]
    sizes = sorted({len(pose) for pose in poses})
    if len(sizes) > 1:
        raise InputError(
            f"{source}: found people with {sizes[0]} and with {sizes[-1]} joints, expected one "
            "number; convert them one after the other"
        )
    table = clean_poses(np.stack(poses) if poses else np.zeros((0, 0, 3)), source)
    index = np.repeat(np.arange(len(frames)), [len(frame) for frame in frames])
    tracks = None if ids is None else np.array([i for row in ids for i in row], dtype=np.int64)
    there = (table[..., 2] > 0).any(axis=1)
    return People(
        table[there], index[there], len(frames), None if tracks is None else tracks[there]
    )


def from_tracks(poses: np.ndarray, source: str) -> People:
    """People whose identity is known, ``(M, T, K, 3)``, as a table."""
    count, frames = poses.shape[:2]
    table = poses.swapaxes(0, 1).reshape(count * frames, *poses.shape[2:])
    table = clean_poses(table, source)
    there = (table[..., 2] > 0).any(axis=1)
    index, tracks = np.divmod(np.arange(count * frames), max(count, 1))
    return People(table[there], index[there], frames, tracks[there])


def frame_positions(numbers: Sequence[int], source: str) -> tuple[np.ndarray, int]:
    """Frame numbers as positions from 0, and how many frames there are; missing ones count.

    Raises:
        InputError: If far more frames are missing than there are, or numbers are no whole numbers.
    """
    if not all(type(n) is int and abs(n) < 2**53 for n in numbers):
        odd = next(n for n in numbers if type(n) is not int or abs(n) >= 2**53)
        raise InputError(f"{source}: frame number {odd!r:.40}, expected a whole number")
    if not numbers:
        return np.zeros(0, dtype=np.int64), 0
    first, last = min(numbers), max(numbers)
    if last - first >= _SPARSEST * len(numbers) + 1000:
        raise InputError(
            f"{source}: {len(numbers)} frames are numbered from {first} to {last}, expected one "
            "after the other; number them anew"
        )
    return np.array(numbers, dtype=np.int64) - first, last - first + 1


def stated_size(value: Any, source: str) -> tuple[int, int] | None:
    """A frame size ``(h, w)`` as a file states it, or None.

    Raises:
        InputError: If it is something else.
    """
    if value is None:
        return None
    numbers = _plain(value)
    fits = numbers.shape == (2,) and ((numbers >= 1) & (numbers <= FARTHEST)).all()
    if not fits:
        raise InputError(f"{source}: frame size {value!r:.60}, expected (h, w) in pixels; mend it")
    return int(numbers[0]), int(numbers[1])


def stated_rate(value: Any, source: str) -> float | None:
    """A frame rate as a file states it, or None.

    Raises:
        InputError: If it is something else.
    """
    if value is None:
        return None
    rate = _plain(value)
    lowest, highest = FPS_RANGE
    if rate.ndim or not lowest <= float(rate) <= highest:
        raise InputError(
            f"{source}: frame rate {value!r:.60}, expected a number from {lowest:g} to "
            f"{highest:g}; mend it"
        )
    return float(rate)


def _plain(value: Any) -> np.ndarray:
    """The value as numbers; NaN if it is something else."""
    try:
        array = np.asarray(value)
    except ValueError:  # lists of different lengths
        return np.array(np.nan)
    return array if array.dtype.kind in "fiu" else np.array(np.nan)


def natural_key(text: str) -> list[tuple[int, str]]:
    """Sorts ``frame10`` after ``frame9``."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in _runs(text)]


def _runs(text: str) -> list[str]:
    return re.findall(r"[0-9]{1,15}|[^0-9]+", text)
