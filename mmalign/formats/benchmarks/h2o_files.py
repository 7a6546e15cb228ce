"""H2O's files: hand poses, camera intrinsics and action segments.

Kwon et al., H2O: Two Hands Manipulating Objects for First Person Interaction Recognition, ICCV
2021; the format is described in the README of the data set.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mmalign.errors import InputError
from mmalign.formats.benchmarks.projection import Intrinsics

HAND_JOINTS = 21
MOST_FRAMES = 1_000_000
_HAND_VALUES = 1 + 3 * HAND_JOINTS
_ACTION_COLUMNS = ("id", "path", "start_act", "end_act", "start_frame", "end_frame")

# The data set's action labels: a verb and an object each; the label is the place in the list.
ACTIONS = (
    "background", "grab_book", "grab_espresso", "grab_lotion", "grab_spray", "grab_milk",
    "grab_cocoa", "grab_chips", "grab_cappuccino", "place_book", "place_espresso", "place_lotion",
    "place_spray", "place_milk", "place_cocoa", "place_chips", "place_cappuccino", "open_lotion",
    "open_milk", "open_chips", "close_lotion", "close_milk", "close_chips", "pour_milk",
    "take_out_espresso", "take_out_cocoa", "take_out_chips", "take_out_cappuccino",
    "put_in_espresso", "put_in_cocoa", "put_in_cappuccino", "apply_lotion", "apply_spray",
    "read_book", "read_espresso", "spray_spray", "squeeze_lotion",
)  # fmt: skip


@dataclass(frozen=True)
class ActionSegment:
    """One row of an action file.

    Attributes:
        take: ``subject1/h1/0``.
        label: The action, a place in ``ACTIONS``; None in the test file, which keeps it back.
        segment: First and last frame of the action.
        extent: First and last frame of the take.
    """

    take: str
    label: int | None
    segment: tuple[int, int]
    extent: tuple[int, int]


def read_action_file(path: str | Path) -> list[ActionSegment]:
    """Read ``action_train.txt``, ``action_val.txt`` or ``action_test.txt``.

    Returns:
        Its rows in order.

    Raises:
        InputError: If the file cannot be read, a column is missing or a value is out of range.
    """
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read ({error}); check the path") from error
    rows = list(csv.DictReader(lines, delimiter=" ", skipinitialspace=True))
    found = tuple(rows[0]) if rows else ()
    if not set(_ACTION_COLUMNS) <= set(found):
        raise InputError(
            f"{path}: columns {', '.join(map(str, found)) or 'none'}, expected "
            f"{', '.join(_ACTION_COLUMNS)} and, but in the test file, action_label; download the "
            "file again"
        )
    return [_segment(row, f"{path}, line {i}") for i, row in enumerate(rows, start=2)]


def _segment(row: dict[str, str], where: str) -> ActionSegment:
    try:
        label = int(row["action_label"]) if "action_label" in row else None
        start, end, first, last = (int(row[name]) for name in _ACTION_COLUMNS[2:])
    except (TypeError, ValueError) as error:
        raise InputError(f"{where}: {error}, expected whole numbers; correct the line") from error
    if label is not None and not 0 <= label < len(ACTIONS):
        raise InputError(f"{where}: action_label is {label}, expected 0 to {len(ACTIONS) - 1}")
    if not 0 <= first <= start <= end <= last < MOST_FRAMES:
        raise InputError(
            f"{where}: the action is frames {start} to {end} of {first} to {last}, expected a part "
            "of the take; correct the line"
        )
    return ActionSegment(row["path"], label, (start, end), (first, last))


def read_intrinsics(path: str | Path) -> Intrinsics:
    """Read ``cam_intrinsics.txt``: fx, fy, cx, cy, width and height.

    Raises:
        InputError: If it is not six positive numbers.
    """
    values = _numbers(path)
    if len(values) != 6 or not (np.isfinite(values) & (values > 0)).all():
        raise InputError(
            f"{path}: found {len(values)} numbers ({values[:6]}), expected six positive ones: fx "
            "fy cx cy width height; unpack the camera's folder again"
        )
    fx, fy, cx, cy, width, height = values.tolist()
    return Intrinsics((fx, fy), (cx, cy), (int(height), int(width)))


def read_hand_pose(path: str | Path) -> np.ndarray:
    """Read one frame's ``hand_pose/NNNNNN.txt``.

    Per hand, the left one first, the file holds a flag (0: not annotated) and 21 x 3 coordinates
    in the camera's frame in metres.

    Returns:
        ``(42, 3)`` float64: the left hand, then the right one; NaN where a hand is not annotated.

    Raises:
        InputError: If it is not 128 numbers, a flag is not 0 or 1, or a coordinate is not finite.
    """
    values = _numbers(path)
    if len(values) != 2 * _HAND_VALUES:
        raise InputError(
            f"{path}: found {len(values)} numbers, expected {2 * _HAND_VALUES} (per hand a flag "
            "and 21 x 3 coordinates); unpack the camera's folder again"
        )
    hands = values.reshape(2, _HAND_VALUES)
    flags = hands[:, 0]
    if not np.isin(flags, (0, 1)).all():
        raise InputError(f"{path}: flags {flags.tolist()}, expected 0 or 1; correct the file")
    points = hands[:, 1:].reshape(2, HAND_JOINTS, 3).copy()
    if not (np.abs(points[flags == 1]) < 1e6).all():
        raise InputError(f"{path}: a coordinate is no position in metres; unpack the folder again")
    points[flags == 0] = np.nan
    return points.reshape(2 * HAND_JOINTS, 3)


def _numbers(path: str | Path) -> np.ndarray:
    try:
        return np.array(Path(path).read_text(encoding="ascii").split(), dtype=np.float64)
    except (OSError, ValueError) as error:
        raise InputError(
            f"{path}: cannot be read as numbers ({error}); unpack the camera's folder again"
        ) from error


def action_number(name: str) -> int:
    """The label of an action, by its name or number.

    Raises:
        InputError: If there is no such action.
    """
    name = name.strip().lower().replace(" ", "_")
    if name.isdecimal() and int(name) < len(ACTIONS):
        return int(name)
    if name not in ACTIONS:
        raise InputError(f"action {name!r}: unknown, expected one of {', '.join(ACTIONS[1:])}")
    return ACTIONS.index(name)
