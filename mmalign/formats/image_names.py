r"""What the names of a clip's images tell: frame numbers, times of day, and the order.

``frame_0012.png`` is frame 12. Annotation tools put a random hash before a name (Label Studio) or
behind it (Roboflow); it is left out. Recorders name images by the time at which they were taken
(``2018-07-04T12_04_17.738``, or milliseconds since 1970); the steps between the times give the
frames, those without a file among them, and the rate. Folders may be written with ``/`` or ``\``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from mmalign.errors import InputError
from mmalign.formats.recordings import natural_key
from mmalign.formats.table_clock import read_clock

_SUFFIX = re.compile(r"(_keypoints|_rendered)?(\.[A-Za-z]\w{0,4})?$")
_HASH_BEHIND = re.compile(r"[._](jpe?g|png|bmp|webp)\.rf\.\w{20,40}$", re.IGNORECASE)
_HASH_BEFORE = re.compile(
    r"(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{8,64})[-_]+(?=.*\d)", re.IGNORECASE
)
_ONLY_HASH = re.compile(r"(?=.*[a-f])(?=.*\d)[0-9a-f]{12,}", re.IGNORECASE)
_NUMBER = re.compile(r"(.*?)[._-]?([0-9]{1,15})")
_CLOCK = r"([01]\d|2[0-3])[-_:.h]?([0-5]\d)[-_:.m]?([0-5]\d)"
_DATED = re.compile(
    rf"(.*?)((?:19|20)\d\d)[-_.]?([01]\d)[-_.]?([0-3]\d)[-_T .]*{_CLOCK}"
    r"(?:[-_.,]?(\d{3}|\d{6}|\d{9})Z?)?"
)
_TIMED = re.compile(rf"(.*?)(?<!\d)()()(){_CLOCK}[.,](\d{{3}}|\d{{6}}|\d{{9}})")
_SINCE_1970 = re.compile(r"(.*?)(?<!\d)([12]\d{9})[._-]?(\d{3}|\d{6}|\d{9})")
_RATES = 0.01, 400.0
"""Images per second; times that give another rate are no times."""


@dataclass(frozen=True)
class ImageNumbers:
    """The frames of images.

    Attributes:
        numbers: Of each image, all different.
        fps: Images per second where the names are times.
        note: What a user should know; empty if there is nothing.
        counted: Whether the source counts the frames of a video: not where names are times.
    """

    numbers: tuple[int, ...]
    fps: float | None = None
    note: str = ""
    counted: bool = True


def base_name(name: str) -> str:
    """The last part of a path that was written on any system."""
    return re.split(r"[/\\]", name)[-1]


def image_stems(names: Sequence[str]) -> list[str]:
    """Names without folders, suffixes and what annotation tools add to make them unique."""
    stems = [_HASH_BEHIND.sub("", _SUFFIX.sub("", base_name(name))) for name in names]
    heads = [_HASH_BEFORE.match(stem) for stem in stems]
    # A prefix that some share is no hash.
    if len(stems) > 1 and all(heads) and len({m[0] for m in heads if m}) == len(stems):
        stems = [stem[m.end() :] for stem, m in zip(stems, heads, strict=True) if m]
    return stems


def split_number(stem: str) -> tuple[str, int] | None:
    """What stands before the number at a name's end, and the number; None if there is none."""
    match = None if _ONLY_HASH.fullmatch(stem) else _NUMBER.fullmatch(stem)
    return (match[1], int(match[2])) if match else None


def numbers_by_time(stems: Sequence[str]) -> ImageNumbers | None:
    """Frames of images that are named by the time at which they were taken, else None."""
    for pattern in (_DATED, _TIMED, _SINCE_1970):
        found = [pattern.fullmatch(stem) for stem in stems]
        if len(stems) < 3 or not all(found) or len({m[1] for m in found if m}) > 1:
            continue
        instants = [_nanoseconds(match.groups()[1:]) for match in found if match]
        known = [instant for instant in instants if instant is not None]
        if len(known) < len(stems):
            continue
        times = np.array([instant - min(known) for instant in known]) / 1e9
        clock = read_clock(times, "seconds", None)
        if clock is None or not _RATES[0] <= clock[1] <= _RATES[1]:
            continue
        numbers = tuple(clock[0].tolist())
        if len(set(numbers)) == len(stems):
            note = "images are named by times, which give their order and rate"
            return ImageNumbers(numbers, clock[1], note, counted=False)
    return None


def _nanoseconds(parts: Sequence[str | None]) -> int | None:
    """Of (year, month, day, hour, minute, second, fraction) or (seconds, fraction)."""
    *whole, fraction = parts
    part = int((fraction or "0").ljust(9, "0"))
    if len(whole) == 1:
        return int(whole[0] or 0) * 10**9 + part
    year, month, day, hour, minute, second = (int(value or 0) for value in whole)
    try:
        days = date(year, month, day).toordinal() if year else 0
    except ValueError:
        return None
    return (((days * 24 + hour) * 60 + minute) * 60 + second) * 10**9 + part


def number_images(names: Sequence[str], source: str) -> ImageNumbers | None:
    """Frames of the images of one clip.

    Args:
        names: With or without folders; all different.
        source: What errors name.

    Returns:
        Their numbers; None if the names do not tell the order.

    Raises:
        InputError: If the images are evidently of several clips.
    """
    stems = image_stems(names)
    if timed := numbers_by_time(stems):
        return timed
    parts = [split_number(stem) for stem in stems]
    if not all(parts):
        return None
    heads = list(dict.fromkeys(part[0] for part in parts if part))
    numbers = [part[1] for part in parts if part]
    if len(set(numbers)) < len(numbers):
        twice = next(n for n in numbers if numbers.count(n) > 1)
        same = [name for name, n in zip(names, numbers, strict=True) if n == twice]
        raise InputError(
            f"{source}: found {same[0]!r:.80} and {same[1]!r:.80}, expected every frame number once"
            " in a clip; if these are several videos give each a file, or a folder, of its own"
        )
    note = ""
    if len(heads) > 1:
        pairs = sorted(zip(stems, numbers, strict=True), key=lambda pair: natural_key(pair[0]))
        by_name = [number for _, number in pairs]
        if by_name != sorted(by_name):
            note = "images were ordered by the numbers at the end of their names, not by the rest"
    return ImageNumbers(tuple(numbers), note=note)
