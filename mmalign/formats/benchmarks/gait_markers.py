"""Joints of a body from the 39 markers of the Plug-in Gait full-body set.

Head: the middle of the four head markers. Wrist: the middle of its two bars. Hip: Bell et al.,
Prediction of Hip Joint Centre Location from External Landmarks, Human Movement Science 1989:
from the front of the pelvis 14 % of its width inwards, 22 % back and 30 % down. Shoulder, elbow,
knee and ankle are the markers on them: up to some 5 cm off the joint's centre, outwards.
"""

from __future__ import annotations

import numpy as np

from mmalign.skeletons import get_skeleton

_MARKERS = get_skeleton("plugin_gait39").joints
_JOINTS = {
    "head": ("LFHD", "RFHD", "LBHD", "RBHD"),
    "~shoulder": ("~SHO",),
    "~elbow": ("~ELB",),
    "~wrist": ("~WRA", "~WRB"),
    "~knee": ("~KNE",),
    "~ankle": ("~ANK",),
}
_INWARDS, _BACK, _DOWN = 0.14, 0.22, 0.30


def body_joints(markers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The joints of ``penn13``.

    Args:
        markers: ``(T, 39, 3)`` in any unit, z up; NaN where a marker is missing.

    Returns:
        ``(T, 13, 3)``, and ``(T, 13)`` bool: joints whose markers are all there.
    """
    names = get_skeleton("penn13").joints
    joints = np.full((len(markers), len(names), 3), np.nan)
    for pattern, parts in _JOINTS.items():
        for side, letter in (("left_", "L"), ("right_", "R")):
            index = [_MARKERS.index(part.replace("~", letter)) for part in parts]
            joints[:, names.index(pattern.replace("~", side))] = markers[:, index].mean(axis=1)
    forward, left, up, width = _pelvis(markers)
    for name, marker, inwards in (("left_hip", "LASI", -left), ("right_hip", "RASI", left)):
        offset = _INWARDS * inwards - _BACK * forward - _DOWN * up
        joints[:, names.index(name)] = markers[:, _MARKERS.index(marker)] + width * offset
    there = np.isfinite(joints).all(axis=-1)
    return np.where(there[..., None], joints, 0.0), there


def facing(markers: np.ndarray) -> float:
    """Where the person looks, as the azimuth of the pelvis: degrees from the x to the y axis.

    The mean over the frames; 0 if the pelvis is never seen.
    """
    forward = _pelvis(markers)[0][:, :2]
    x, y = forward[np.isfinite(forward).all(axis=1)].sum(axis=0)
    return float(np.degrees(np.arctan2(y, x)))


def _pelvis(markers: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Axes forward, left and up of the pelvis, ``(T, 3)`` each, and its width ``(T, 1)``."""
    lasi, rasi, lpsi, rpsi = (
        markers[:, _MARKERS.index(name)] for name in ("LASI", "RASI", "LPSI", "RPSI")
    )
    width = np.linalg.norm(lasi - rasi, axis=1, keepdims=True)
    left = _unit(lasi - rasi)
    forward = lasi + rasi - lpsi - rpsi
    forward = _unit(forward - (forward * left).sum(axis=1, keepdims=True) * left)
    return forward, left, np.cross(forward, left), width


def _unit(vectors: np.ndarray) -> np.ndarray:
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.where(length > 0, length, np.nan)
