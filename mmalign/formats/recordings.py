"""What detectors' files have in common: people in frames, frame numbers, sizes and rates."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from mmalign.errors import InputError
from mmalign.poses.people import People, clean_poses, without_shared_ids
from mmalign.poses.pose_file import FARTHEST, FPS_RANGE

_SPARSEST, _LEADING = 10, 1000
_DEEPEST = 50
_CHUNK = 2**22
_BEFORE = "frames before the first that is listed (--first-frame N begins with number N)"


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
        start: The source's number of the first frame, where it numbers frames.
        base: Its number of a video's first picture, 0 or 1, where that is known.
        shares: Whether coordinates are shares of the frame; None where their values tell.
        keypoints3d: ``(D, K, 3)`` metres of the rows of ``people``, where the file has them.
        counts: How often each oddity was met.
    """

    people: People
    frame_size: tuple[int, int] | None = None
    fps: float | None = None
    skeleton: str | None = None
    labels: np.ndarray | None = None
    phases: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    start: int | None = None
    base: int | None = None
    shares: bool | None = None
    keypoints3d: np.ndarray | None = None
    counts: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        """Leave out identities that are none, and count it."""
        self.people, images = without_shared_ids(self.people)
        if images:
            self.counts["images with one id for several people (they are tracked instead)"] = images


def read_json(path: str | Path) -> Any:
    """The content of a JSON file.

    Raises:
        InputError: If it is missing or no JSON.
    """
    try:
        # Of bytes the encoding is found, by their mark where there is one.
        text = Path(path).read_bytes()
        if _depth(text) > _DEEPEST:
            raise ValueError(f"lists within lists, {_DEEPEST} deep and more")
        return json.loads(text)
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{path}: no readable JSON ({error}); write the file again") from error


def _depth(text: bytes) -> int:
    """About how deep lists and objects lie in each other; brackets in texts count as well."""
    deepest = depth = 0
    for start in range(0, len(text), _CHUNK):
        # Capital and small brackets and braces differ in one bit alone: [{ open, ]} close.
        signs = np.frombuffer(text[start : start + _CHUNK], dtype=np.uint8) & 0xDF
        steps = (signs == ord("[")).astype(np.int32) - (signs == ord("]"))
        deepest = max(deepest, depth + int(np.cumsum(steps).max(initial=0)))
        depth += int(steps.sum())
    return deepest


def to_pose(values: Any, source: str, columns: int = 3) -> np.ndarray:
    """One person's numbers ``x, y, score, x, …``, flat or joint by joint, as ``(K, columns)``.

    Joints of ``[x, y]`` alone, where a score is expected, have score 1, or 0 at (0, 0).

    Raises:
        InputError: If it is something else.
    """
    try:
        # Nothing but a list of (lists of) numbers: text would be read as numbers, too.
        array = np.asarray(values)
        if array.dtype.kind == "O":
            array = np.array(values, dtype=np.float64)
        if array.dtype.kind in "fiu" and array.ndim == 2 and (array.shape[1], columns) == (2, 3):
            array = np.concatenate([array, array.any(axis=1, keepdims=True)], axis=1)
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

    Where no score of all is above 0 the source knows none: joints that are not at (0, 0) have
    score 1 then.

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
    table = np.stack(poses) if poses else np.zeros((0, 0, 3))
    if not (table[..., 2] > 0).any():
        table[..., 2] = (np.nan_to_num(table[..., :2]) != 0).any(axis=-1)
    table = clean_poses(table, source)
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


def frame_positions(
    numbers: Sequence[int], source: str, start: int | None = None
) -> tuple[np.ndarray, int]:
    """Frame numbers as positions from 0, and how many frames there are; missing ones count.

    Args:
        numbers: Different whole numbers.
        source: What errors name.
        start: The first frame's; None for the smallest of the numbers.

    Raises:
        InputError: If far more frames are missing than there are, or numbers are no whole numbers.
    """
    if not all(type(n) is int and abs(n) < 2**53 for n in numbers):
        odd = next(n for n in numbers if type(n) is not int or abs(n) >= 2**53)
        raise InputError(f"{source}: frame number {odd!r:.40}, expected a whole number")
    if not numbers:
        return np.zeros(0, dtype=np.int64), 0
    first, last = min(numbers), max(numbers)
    if start is not None and first < start:
        raise InputError(
            f"{source}: found the frame number {first}, expected none before {start}; correct "
            "--first-frame"
        )
    if last - first >= _SPARSEST * len(numbers) + _LEADING:
        raise InputError(
            f"{source}: {len(numbers)} frames are numbered from {first} to {last}, expected one "
            "after the other; number them anew"
        )
    first = first if start is None else start
    return np.array(numbers, dtype=np.int64) - first, last - first + 1


def first_number(numbers: Sequence[int], base: int | None, counts: Counter[str]) -> int | None:
    """The number at which a clip begins whose source lists no frames without people.

    Frames before the first that is listed are kept, so that clips of cameras that were started
    together stay together; not so where they are so many that numbers cannot be counted from the
    clip's begin.

    Args:
        numbers: Of the frames that are listed.
        base: The source's number of a video's first picture; None for 1 if that is the smallest
            number, else 0.
        counts: How many frames were put before is noted here.
    """
    if not numbers or not all(type(n) is int for n in numbers):
        return None
    lowest = min(numbers)
    if base is None or lowest < base:
        base = 1 if lowest == 1 else min(lowest, 0)
    if lowest - base > _SPARSEST * len(numbers) + _LEADING:
        return None
    if lowest > base:
        counts[_BEFORE] += lowest - base
    return base


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
