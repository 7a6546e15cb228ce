"""Drawing toy sequences as videos."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mmalign.functional.camera import Camera
from mmalign.skeletons import get_skeleton
from mmalign.toy.activities import get_activity
from mmalign.toy.pen import Colour, Pen
from mmalign.toy.props import BALL_RADIUS, COLOURS, prop_outline, prop_track
from mmalign.toy.sequence import ToySequence
from mmalign.toy.stage import draw_stage

_SKIN: Colour = (226, 178, 148)
_SHIRTS: tuple[Colour, ...] = ((60, 110, 180), (170, 60, 70), (70, 140, 90), (130, 90, 160))
_TROUSERS: tuple[Colour, ...] = ((70, 74, 92), (96, 82, 66), (52, 58, 60))


def _background(camera: Camera, extent: float) -> np.ndarray:
    """Wall and ground ``(H, W, 3)``: a square with a grid round the figure, by casting rays."""
    height, width = camera.image_size
    x, y = np.meshgrid(np.arange(width) - width / 2, np.arange(height) - height / 2)
    rays = np.stack([x, y, np.full_like(x, camera.focal)], axis=-1) @ camera.axes
    down = np.minimum(rays[..., 2], -1e-6)
    depth = -camera.position[2] / down
    ground = camera.position[:2] + depth[..., None] * rays[..., :2]
    inside = (rays[..., 2] < 0) & (np.abs(ground - camera.target[:2]).max(axis=-1) < extent)
    cell = np.abs((ground / extent * 4 + 0.5) % 1 - 0.5).min(axis=-1)
    shade = np.linspace(236, 206, height)[:, None, None] * np.array([0.98, 1.0, 1.02])
    floor = np.where(cell[..., None] < 0.03, (184, 174, 158), (198, 188, 172))
    return np.where(inside[..., None], floor, shade).clip(0, 255).astype(np.uint8)


def _draw_body(pen: Pen, joints: np.ndarray, number: int) -> None:
    shirt, trousers = _SHIRTS[number % len(_SHIRTS)], _TROUSERS[number % len(_TROUSERS)]
    pen.hull(joints[[5, 6, 11, 12]], shirt)
    forward = np.cross(joints[11] - joints[12], [0.0, 0.0, 1.0])
    forward = forward / np.linalg.norm(forward)
    for i in (0, 1):
        shoulder, elbow, wrist, hip, knee, ankle = joints[
            [5 + i, 7 + i, 9 + i, 11 + i, 13 + i, 15 + i]
        ]
        pen.rod(np.stack([shoulder, elbow]), 0.095, shirt)
        pen.rod(np.stack([elbow, wrist]), 0.07, _SKIN)
        pen.ball(wrist + (wrist - elbow) * 0.22, 0.05, _SKIN)
        pen.rod(np.stack([hip, knee]), 0.145, trousers)
        pen.rod(np.stack([knee, ankle]), 0.10, trousers)
        pen.rod(np.stack([ankle, ankle + 0.15 * forward - [0, 0, 0.03]]), 0.075, (50, 44, 44))
    neck, head = joints[5:7].mean(axis=0), joints[3:5].mean(axis=0)
    pen.rod(np.stack([neck, head]), 0.10, _SKIN)
    pen.ball(head, 0.105, (92, 66, 48))
    pen.ball(head + 0.35 * (joints[0] - head), 0.095, _SKIN)
    pen.ball(joints[0], 0.02, (206, 148, 120))


def _draw_hands(pen: Pen, joints: np.ndarray, number: int) -> None:
    shirt = _SHIRTS[number % len(_SHIRTS)]
    for hand in (joints[:21], joints[21:]):
        palm = hand[[0, 1, 5, 9, 13, 17]]
        pen.hull(palm, _SKIN)
        back = hand[0] - hand[9]
        pen.rod(np.stack([hand[0] + 0.2 * back, hand[0] + 2.6 * back]), 0.062, shirt)
        for first in (1, 5, 9, 13, 17):
            for i in range(first, first + 3):
                pen.rod(hand[[i, i + 1]], 0.019 if first > 1 else 0.022, _SKIN)


def _draw_prop(pen: Pen, kind: str, position: np.ndarray, axis: np.ndarray) -> None:
    if kind == "ball":
        pen.ball(position, BALL_RADIUS, COLOURS[kind])
    side = np.cross(axis, [1.0, 0.0, 0.0])
    side = side / np.linalg.norm(side)
    frame = np.stack([np.cross(side, axis), side, axis])
    for part in prop_outline(kind):
        pen.hull(position + part @ frame, COLOURS[kind])


def render_frames(sequence: ToySequence, side: int | None = None) -> np.ndarray:
    """Draw a sequence.

    Args:
        sequence: what is drawn.
        side: longer side of the frames in pixels; that of the sequence's video if None.

    Returns:
        ``(T, H, W, 3)`` uint8 RGB; without ``side`` the pixels are those of the keypoints.
    """
    if side is not None:
        scale = side / max(sequence.frame_size)
        height, width = (max(1, round(scale * length)) for length in sequence.frame_size)
        camera = replace(
            sequence.camera, focal=scale * sequence.camera.focal, image_size=(height, width)
        )
        sequence = replace(sequence, camera=camera)
    activity = get_activity(sequence.activity)
    background = _background(sequence.camera, activity.figure.height * 0.9)
    if activity.stage is not None:  # its screen hides the figure, which need not be drawn
        return draw_stage(activity.stage, sequence, background)
    draw_figure = _draw_body if sequence.skeleton == "coco17" else _draw_hands
    joints = sequence.joints
    if sequence.performer.mirrored:
        joints = joints[:, get_skeleton(sequence.skeleton).flip_index]
    tracks = [
        (prop, *prop_track(prop, joints, sequence.canonical_time, sequence.fps))
        for prop in activity.props
    ]
    frames = np.repeat(background[None], sequence.num_frames, axis=0)
    for t, image in enumerate(frames):
        pen = Pen(sequence.camera)
        draw_figure(pen, sequence.joints[t], sequence.performer.number)
        for prop, position, axis in tracks:
            _draw_prop(pen, prop.kind, position[t], axis[t])
        pen.draw(image)
    return frames
