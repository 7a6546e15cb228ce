"""Drawing toy sequences as videos."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from mmalign.datasets.toy.activities import get_activity
from mmalign.datasets.toy.camera import Camera
from mmalign.datasets.toy.generator import ToySequence
from mmalign.datasets.toy.props import COLOURS, prop_outline, prop_track

Colour = tuple[int, int, int]
Part = tuple[float, Callable[[np.ndarray], None]]

_SKIN: Colour = (226, 178, 148)
_SHIRTS: tuple[Colour, ...] = ((60, 110, 180), (170, 60, 70), (70, 140, 90), (130, 90, 160))
_TROUSERS: tuple[Colour, ...] = ((70, 74, 92), (96, 82, 66), (52, 58, 60))
_SHIFT = 4


def _pixels(points: np.ndarray) -> np.ndarray:
    """Fixed-point coordinates, for drawing between pixels."""
    return np.round(points * 2**_SHIFT).clip(-(2**18), 2**18).astype(np.int32)


class _Pen:
    """Collects what a camera sees of one frame, and draws it from the back to the front."""

    def __init__(self, camera: Camera) -> None:
        self.camera = camera
        self.parts: list[Part] = []

    def rod(self, ends: np.ndarray, width: float, colour: Colour) -> None:
        """A round rod between two points ``(2, 3)`` of the given width in metres."""
        pixels, depth = self.camera.project(ends)
        thickness = max(1, round(self.camera.focal * width / float(depth.mean())))
        first, second = (tuple(p) for p in _pixels(pixels).tolist())
        self.parts.append(
            (
                float(depth.mean()),
                lambda image: cv2.line(
                    image, first, second, colour, thickness, cv2.LINE_AA, _SHIFT
                ),
            )
        )

    def hull(self, points: np.ndarray, colour: Colour, behind: float = 0.0) -> None:
        """The convex hull of points ``(N, 3)``, drawn as if it were ``behind`` metres farther."""
        pixels, depth = self.camera.project(points)
        outline = cv2.convexHull(_pixels(pixels))
        edge = tuple(int(0.72 * c) for c in colour)

        def draw(image: np.ndarray) -> None:
            cv2.fillPoly(image, [outline], colour, cv2.LINE_AA, _SHIFT)
            cv2.polylines(image, [outline], True, edge, 1, cv2.LINE_AA, _SHIFT)

        self.parts.append((float(depth.mean()) + behind, draw))

    def ball(self, centre: np.ndarray, radius: float, colour: Colour) -> None:
        """A ball about ``(3,)`` of the given radius in metres."""
        pixels, depth = self.camera.project(centre)
        x, y = _pixels(pixels).tolist()
        size = round(self.camera.focal * radius / float(depth) * 2**_SHIFT)
        self.parts.append(
            (
                float(depth),
                lambda image: cv2.circle(image, (x, y), size, colour, -1, cv2.LINE_AA, _SHIFT),
            )
        )

    def draw(self, image: np.ndarray) -> None:
        """Draw everything on an image ``(H, W, 3)``."""
        for _, part in sorted(self.parts, key=lambda item: -item[0]):
            part(image)


def _background(camera: Camera, extent: float) -> np.ndarray:
    """Wall and ground, ``(H, W, 3)``, with a grid on the ground round the figure."""
    height, width = camera.image_size
    shade = np.linspace(236, 206, height)[:, None, None]
    image = np.repeat(shade * np.array([0.98, 1.0, 1.02]), width, axis=1)
    image = np.clip(image, 0, 255).astype(np.uint8)
    corners = np.array([[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]]) * extent
    corners = corners + np.array([camera.target[0], camera.target[1], 0.0])
    ground, _ = camera.project(corners)
    cv2.fillConvexPoly(image, _pixels(ground), (198, 188, 172), cv2.LINE_AA, _SHIFT)
    for share in np.linspace(0, 1, 9):
        for first, second in ((0, 1), (1, 2)):
            third, fourth = (first + 3) % 4, (second + 1) % 4
            ends = np.stack(
                [
                    corners[first] + share * (corners[third] - corners[first]),
                    corners[second] + share * (corners[fourth] - corners[second]),
                ]
            )
            start, stop = (tuple(p) for p in _pixels(camera.project(ends)[0]).tolist())
            cv2.line(image, start, stop, (184, 174, 158), 1, cv2.LINE_AA, _SHIFT)
    return image


def _draw_body(pen: _Pen, joints: np.ndarray, number: int) -> None:
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


def _draw_hands(pen: _Pen, joints: np.ndarray, number: int) -> None:
    shirt = _SHIRTS[number % len(_SHIRTS)]
    for hand in (joints[:21], joints[21:]):
        palm = hand[[0, 1, 5, 9, 13, 17]]
        pen.hull(palm, _SKIN)
        back = hand[0] - hand[9]
        pen.rod(np.stack([hand[0] + 0.2 * back, hand[0] + 2.6 * back]), 0.062, shirt)
        for first in (1, 5, 9, 13, 17):
            for i in range(first, first + 3):
                pen.rod(hand[[i, i + 1]], 0.019 if first > 1 else 0.022, _SKIN)


def render_frames(sequence: ToySequence) -> np.ndarray:
    """Draw a sequence.

    Args:
        sequence: what is drawn.

    Returns:
        ``(T, H, W, 3)`` uint8 RGB; the pixels are those of the sequence's keypoints.
    """
    activity = get_activity(sequence.activity)
    body = sequence.skeleton == "coco17"
    background = _background(sequence.camera, activity.figure.height * 1.3)
    tracks = [
        (prop, *prop_track(prop, sequence.joints, sequence.canonical_time, sequence.fps))
        for prop in activity.props
    ]
    frames = np.repeat(background[None], sequence.num_frames, axis=0)
    for t, image in enumerate(frames):
        pen = _Pen(sequence.camera)
        draw = _draw_body if body else _draw_hands
        draw(pen, sequence.joints[t], sequence.performer.number)
        for prop, position, axis in tracks:
            if prop.kind == "ball":
                pen.ball(position[t], 0.1, COLOURS[prop.kind])
                continue
            side = np.cross(axis[t], [1.0, 0.0, 0.0])
            side = side / np.linalg.norm(side)
            frame = np.stack([np.cross(side, axis[t]), side, axis[t]], axis=1)
            for part in prop_outline(prop.kind):
                pen.hull(position[t] + part @ frame.T, COLOURS[prop.kind])
        pen.draw(image)
    return frames
