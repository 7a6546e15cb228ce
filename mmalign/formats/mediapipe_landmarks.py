"""The forms in which MediaPipe's landmarks are saved; see :mod:`.mediapipe`."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from mmalign.errors import InputError
from mmalign.formats.recordings import frame_positions
from mmalign.formats.tables import Table

_LABELS = ("label", "categoryname", "displayname")


def landmark_lists(value: Any, source: str) -> list[np.ndarray]:
    """The people in a list of landmarks, or in a list of such lists: ``(K, 3)`` each.

    Raises:
        InputError: If it is something else.
    """
    if isinstance(value, dict) and isinstance(value.get("landmark"), list):
        value = value["landmark"]
    if value is None or value == []:
        return []
    if not isinstance(value, list):
        raise InputError(f"{source}: {value!r:.60}, expected a list of landmarks; save it again")
    nested = isinstance(value[0], dict) and "landmark" in value[0]
    if nested or (isinstance(value[0], list) and value[0] and not _is_number(value[0][0])):
        return [pose for person in value for pose in landmark_lists(person, source)]
    return [_finish([_landmark(point, source) for point in value])]


def _landmark(point: Any, source: str) -> tuple[float, float, float]:
    if isinstance(point, dict):
        point = [point.get("x"), point.get("y"), 0.0, point.get("visibility")]
        point = point[:3] if point[3] is None else point
    if (
        not isinstance(point, list)
        or len(point) not in (2, 3, 4)
        or not all(map(_is_number, point))
    ):
        raise InputError(
            f"{source}: {point!r:.60}, expected a landmark's x, y, z and visibility; save it again"
        )
    return point[0], point[1], point[3] if len(point) == 4 else 1.0


def _finish(points: list[tuple[float, float, float]]) -> np.ndarray:
    pose = np.array(points, dtype=np.float64)
    if len(pose) == 21:
        pose[:, 2] = 1.0
    return pose


def _is_number(value: Any) -> bool:
    return isinstance(value, float) or (type(value) is int and abs(value) < 2**53)


def hand_side(value: Any, source: str) -> int:
    """0 for a left, 1 for a right hand, however deep the category lies.

    Raises:
        InputError: If it is neither.
    """
    text = value
    while isinstance(text, (list, dict)) and text:
        if isinstance(text, list):
            text = text[0]
            continue
        plain = {key.replace("_", "").lower(): item for key, item in text.items()}
        text = next((plain[k] for k in _LABELS if plain.get(k)), plain.get("classification"))
    if not isinstance(text, str) or text.lower() not in ("left", "right"):
        raise InputError(f"{source}: handedness {value!r:.60}, expected Left or Right; mend it")
    return int(text.lower() == "right")


def table_frames(table: Table) -> list[list[np.ndarray]]:
    """Per frame the pose in it, from either form of CSV.

    Raises:
        InputError: If the columns are others.
    """
    columns = {name.lower(): name for name in table.header}
    if "landmark" in columns:
        return _long_frames(table, columns)
    found: dict[int, dict[str, str]] = {}
    for lower, name in columns.items():
        if match := re.fullmatch(r"(x|y|v|visibility)_?([0-9]{1,3})", lower):
            found.setdefault(int(match[2]), {})[match[1][0]] = name
    marks = sorted(found)
    if (
        not marks
        or marks != list(range(marks[0], marks[0] + len(marks)))
        or not all({"x", "y"} <= set(found[mark]) for mark in marks)
    ):
        raise InputError(
            f"{table.source}: found the columns {', '.join(table.header):.80}, expected frame, "
            "landmark, x, y, visibility, or x0, y0, visibility0 and so on; rename them"
        )
    poses = np.ones((len(table.cells), len(marks), 3))
    for i, mark in enumerate(marks):
        for axis, letter in enumerate("xyv"):
            if letter in found[mark]:
                poses[:, i, axis] = table.numbers(found[mark][letter])
    if len(marks) == 21:
        poses[..., 2] = 1.0
    rows = table.integers(columns["frame"]).tolist() if "frame" in columns else range(len(poses))
    positions, count = frame_positions(list(rows), table.source)
    frames: list[list[np.ndarray]] = [[] for _ in range(count)]
    for position, pose in zip(positions, poses, strict=True):
        frames[position].append(pose)
    return frames


def _long_frames(table: Table, columns: dict[str, str]) -> list[list[np.ndarray]]:
    missing = [name for name in ("frame", "x", "y") if name not in columns]
    if missing:
        raise InputError(f"{table.source}: has no column {missing[0]!r}, expected it; add it")
    marks, numbers = table.integers(columns["landmark"]), table.integers(columns["frame"])
    positions, count = frame_positions(numbers.tolist(), table.source)
    if not ((marks >= 0) & (marks < 33)).all():
        raise InputError(
            f"{table.source}: a landmark is not in 0..32, expected MediaPipe's; mend it"
        )
    joints = 21 if marks.max() < 21 else 33
    pose = np.zeros((count, joints, 3))
    pose[positions, marks, 0] = table.numbers(columns["x"])
    pose[positions, marks, 1] = table.numbers(columns["y"])
    visible = table.numbers(columns["visibility"]) if "visibility" in columns else 1.0
    pose[positions, marks, 2] = 1.0 if joints == 21 else visible
    return [[frame] for frame in pose]
