"""The objects of the rendered scene: where they are and what they look like."""

from __future__ import annotations

import numpy as np

from mmalign.toy.activity import Prop

_GRAVITY = np.array([0.0, 0.0, -9.81])
BALL_RADIUS = 0.1
COLOURS = {
    "box": (176, 124, 66),
    "ball": (214, 70, 52),
    "bottle": (58, 128, 92),
    "cup": (224, 206, 120),
}


def _ring(radius: float, height: float) -> np.ndarray:
    angle = np.linspace(0, 2 * np.pi, 16, endpoint=False)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle), np.full(16, height)], axis=1)


def prop_outline(kind: str) -> list[np.ndarray]:
    """Convex parts of an object.

    Args:
        kind: kind of a ``Prop``.

    Returns:
        Per part ``(N, 3)`` metres about the point by which it is held, z along its axis; none for
        a ball, which is round from everywhere.
    """
    if kind == "box":
        corners = np.stack(np.meshgrid(*[[-0.5, 0.5]] * 3), axis=-1).reshape(-1, 3)
        return [corners * [0.30, 0.36, 0.26]]
    if kind == "ball":
        return []
    if kind == "bottle":
        body = np.concatenate([_ring(0.033, -0.08), _ring(0.033, 0.07)])
        return [body, np.concatenate([_ring(0.030, 0.07), _ring(0.013, 0.12), _ring(0.013, 0.15)])]
    return [np.concatenate([_ring(0.032, -0.05), _ring(0.042, 0.06)])]


def prop_track(
    prop: Prop, joints: np.ndarray, canonical_time: np.ndarray, fps: float
) -> tuple[np.ndarray, np.ndarray]:
    """Where an object is.

    Args:
        prop: the object.
        joints: ``(T, J, 3)`` metres.
        canonical_time: ``(T,)``.
        fps: frames per second.

    Returns:
        ``(T, 3)`` positions in metres and ``(T, 3)`` unit vectors along its axis.
    """
    carried = joints[:, list(prop.joints)].mean(axis=1)
    axis = np.tile([0.0, 0.0, 1.0], (len(joints), 1))
    if prop.kind in ("bottle", "cup"):
        # A closed hand holds it across the fingers, from the little one to the index.
        wrist = 21 * (min(prop.joints) // 21)
        axis = joints[:, wrist + 5] - joints[:, wrist + 17]
        axis = axis / np.linalg.norm(axis, axis=1, keepdims=True)
    frames = np.arange(len(joints))
    taken = int(np.argmax(canonical_time >= prop.taken))
    left = int(np.argmax(canonical_time >= prop.left))
    held = np.clip(frames, taken, left)
    position, axis = carried[held], axis[held]
    if prop.kind == "ball":
        flight = np.maximum(frames - left, 0)[:, None] / fps
        velocity = (carried[left] - carried[max(left - 1, 0)]) * fps
        position = position + velocity * flight + _GRAVITY * flight**2 / 2
        position[:, 2] = np.maximum(position[:, 2], BALL_RADIUS)
    return position, axis
