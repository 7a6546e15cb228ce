"""The forms in which MediaPipe's landmarks are saved as JSON; see :mod:`.mediapipe`."""

from __future__ import annotations

from typing import Any

import numpy as np

from mmalign.errors import InputError

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
