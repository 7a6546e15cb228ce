"""The body of the toy data: 17 COCO joints, forward kinematics by joint angles."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from mmalign.toy.kinematics import Figure, rotation

_AXIAL = (
    "pelvis_pitch",
    "pelvis_yaw",
    "spine_flex",
    "spine_twist",
    "spine_side",
    "neck_flex",
    "neck_turn",
)
_LIMB = (
    "shoulder_flex",
    "shoulder_abd",
    "shoulder_twist",
    "elbow",
    "hip_flex",
    "hip_abd",
    "knee",
)
CHANNELS = _AXIAL + tuple(f"{side}_{name}" for side in ("left", "right") for name in _LIMB)

# Lengths as shares of the stature (Drillis and Contini, 1966, as tabled in Winter's
# Biomechanics and Motor Control of Human Movement); head offsets are (forward, left, up).
_PELVIS, _CHEST = 0.10, 0.19
_SHOULDER_WIDTH, _HIP_WIDTH = 0.105, 0.058
_UPPER_ARM, _FOREARM = 0.186, 0.150
_THIGH, _SHANK, _ANKLE = 0.245, 0.246, 0.039
_HEAD = {
    0: (0.055, 0.0, 0.105),
    1: (0.043, 0.019, 0.124),
    2: (0.043, -0.019, 0.124),
    3: (-0.002, 0.044, 0.112),
    4: (-0.002, -0.044, 0.112),
}


def place_body(values: np.ndarray, proportions: Mapping[str, float]) -> np.ndarray:
    """Joint positions of a body that stands on the ground.

    The ankles' mean stays over the origin, and the lower ankle on the ground.

    Args:
        values: ``(T, C)`` angles in degrees in the order of ``CHANNELS``.
        proportions: ``stature`` in metres and the factors ``torso``, ``arm``, ``leg``,
            ``width`` and ``head``.

    Returns:
        ``(T, 17, 3)`` float64 metres: x forward, y left, z up, COCO order.
    """
    angle = dict(zip(CHANNELS, values.T, strict=True))
    stature, torso = proportions["stature"], proportions["torso"]

    def bone(frame: np.ndarray, *offset: float) -> np.ndarray:
        return stature * (frame @ np.array(offset))

    pelvis = rotation("z", angle["pelvis_yaw"]) @ rotation("y", angle["pelvis_pitch"])
    chest = (
        pelvis
        @ rotation("y", angle["spine_flex"])
        @ rotation("z", angle["spine_twist"])
        @ rotation("x", angle["spine_side"])
    )
    neck = bone(pelvis, 0, 0, _PELVIS * torso) + bone(chest, 0, 0, _CHEST * torso)
    head = chest @ rotation("y", angle["neck_flex"]) @ rotation("z", angle["neck_turn"])

    joints = np.zeros((len(values), 17, 3))
    for joint, offset in _HEAD.items():
        joints[:, joint] = neck + bone(head, *(np.array(offset) * proportions["head"]))
    for i, (side, sign) in enumerate((("left", 1.0), ("right", -1.0))):
        part = {name: angle[f"{side}_{name}"] for name in _LIMB}
        arm = (
            chest
            @ rotation("y", -part["shoulder_flex"])
            @ rotation("x", sign * part["shoulder_abd"])
            @ rotation("z", sign * part["shoulder_twist"])
        )
        forearm = arm @ rotation("y", -part["elbow"])
        thigh = pelvis @ rotation("y", -part["hip_flex"])
        thigh = thigh @ rotation("x", sign * part["hip_abd"])
        shank = thigh @ rotation("y", part["knee"])
        width, reach, leg = (proportions[k] for k in ("width", "arm", "leg"))
        joints[:, 5 + i] = neck + bone(chest, 0, sign * _SHOULDER_WIDTH * width, 0)
        joints[:, 7 + i] = joints[:, 5 + i] + bone(arm, 0, 0, -_UPPER_ARM * reach)
        joints[:, 9 + i] = joints[:, 7 + i] + bone(forearm, 0, 0, -_FOREARM * reach)
        joints[:, 11 + i] = bone(pelvis, 0, sign * _HIP_WIDTH * width, 0)
        joints[:, 13 + i] = joints[:, 11 + i] + bone(thigh, 0, 0, -_THIGH * leg)
        joints[:, 15 + i] = joints[:, 13 + i] + bone(shank, 0, 0, -_SHANK * leg)

    ankles = joints[:, 15:17]
    origin = ankles.mean(axis=1)
    origin[:, 2] = ankles[..., 2].min(axis=1) - _ANKLE * stature
    return joints - origin[:, None]


BODY = Figure(
    skeleton="coco17",
    channels=CHANNELS,
    neutral={"shoulder_flex": 4, "shoulder_abd": 9, "elbow": 12, "hip_abd": 4},
    symmetric=frozenset({"pelvis_pitch", "spine_flex", "neck_flex"}),
    place=place_body,
    height=2.5,
    centre=(0.0, 0.0, 1.15),
    front=0.0,
    elevation=(-4.0, 28.0),
)
