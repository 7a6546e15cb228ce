"""The two hands of the toy data: H2O's 42 joints, forward kinematics by joint angles."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from mmalign.toy.kinematics import Figure, rotation

_SIDE = ("x", "out", "z", "roll", "pitch", "yaw", "curl", "thumb", "spread")
CHANNELS = tuple(f"{side}_{name}" for side in ("left", "right") for name in _SIDE)

# An adult's right hand, palm down, thumb towards +y, in metres: the first joint of each finger
# from the wrist, the three segments that follow, and the share of the spread that turns it.
_FINGERS: tuple[tuple[tuple[float, float, float], tuple[float, float, float], float], ...] = (
    ((0.024, 0.026, -0.006), (0.044, 0.034, 0.028), 0.0),
    ((0.090, 0.026, 0.0), (0.043, 0.026, 0.021), 1.0),
    ((0.094, 0.004, 0.002), (0.047, 0.030, 0.022), 0.2),
    ((0.088, -0.016, 0.0), (0.043, 0.028, 0.022), -0.6),
    ((0.079, -0.035, -0.003), (0.034, 0.021, 0.019), -1.4),
)
_CURL_SHARES = (0.95, 1.15, 0.75)
_ADULT_STATURE = 1.75


def _place_hand(angle: Mapping[str, np.ndarray], sign: float, p: Mapping[str, float]) -> np.ndarray:
    """Joints ``(T, 21, 3)`` of one hand; ``sign`` is 1 for the right one and -1 for the left."""
    scale = p["stature"] / _ADULT_STATURE
    mirror = np.array([1.0, sign, 1.0])
    position = np.stack([angle["x"], -sign * angle["out"], angle["z"]], axis=1) / 100
    wrist = (
        rotation("z", sign * angle["yaw"])
        @ rotation("y", -angle["pitch"])
        @ rotation("x", sign * angle["roll"])
    )
    joints = np.zeros((len(position), 21, 3))
    joints[:, 0] = position
    for finger, (base, segments, share) in enumerate(_FINGERS):
        first = 1 + 4 * finger
        offset = np.array(base) * mirror * scale * p["palm"]
        joints[:, first] = joints[:, 0] + wrist @ offset
        if finger == 0:
            # The thumb opens sideways and folds across the palm.
            frame = wrist @ rotation("z", sign * (55 - 0.35 * angle["thumb"]))
            frame = frame @ rotation("x", sign * np.full(len(position), 35.0))
            bends = [0.35 * angle["thumb"], 0.55 * angle["thumb"], 0.6 * angle["thumb"]]
        else:
            frame = wrist @ rotation("z", sign * share * angle["spread"])
            bends = [factor * angle["curl"] for factor in _CURL_SHARES]
        for i, (length, bend) in enumerate(zip(segments, bends, strict=True)):
            frame = frame @ rotation("y", bend)
            step = frame @ np.array([length * scale * p["finger"], 0.0, 0.0])
            joints[:, first + i + 1] = joints[:, first + i] + step
    return joints


def place_hands(values: np.ndarray, proportions: Mapping[str, float]) -> np.ndarray:
    """Joint positions of two hands over a table.

    Args:
        values: ``(T, C)`` in the order of ``CHANNELS``. ``x`` (forward), ``out`` (away from the
            middle) and ``z`` (up) are the wrist's position in centimetres; ``roll`` (0 palm down,
            90 thumb up), ``pitch`` (fingers up), ``yaw`` (fingers towards the other hand),
            ``curl``, ``thumb`` and ``spread`` are degrees.
        proportions: ``stature`` in metres and the factors ``palm`` and ``finger``.

    Returns:
        ``(T, 42, 3)`` float64 metres: x away from the person, y to the left, z up from the table;
        left hand first.
    """
    angle = dict(zip(CHANNELS, values.T, strict=True))
    hands = [
        _place_hand({name: angle[f"{side}_{name}"] for name in _SIDE}, sign, proportions)
        for side, sign in (("left", -1.0), ("right", 1.0))
    ]
    return np.concatenate(hands, axis=1)


HANDS = Figure(
    skeleton="hands42",
    channels=CHANNELS,
    neutral={"out": 14, "z": 3, "curl": 14, "thumb": 15, "spread": 9},
    symmetric=frozenset(),
    place=place_hands,
    height=0.56,
    centre=(0.24, 0.0, 0.17),
    front=180.0,
    elevation=(18.0, 55.0),
    positions=frozenset({"x", "out", "z"}),
)
