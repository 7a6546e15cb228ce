"""Drawing what a camera sees of rods, balls and convex bodies."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from mmalign.functional.camera import Camera

Colour = tuple[int, int, int]
_Part = tuple[float, Callable[[np.ndarray], object]]

_SHIFT = 4


def _pixels(points: np.ndarray) -> np.ndarray:
    """Fixed-point coordinates, for drawing between pixels."""
    return np.round(points * 2**_SHIFT).clip(-(2**18), 2**18).astype(np.int32)


class Pen:
    """Collects what a camera sees of one frame, and draws it from the back to the front."""

    def __init__(self, camera: Camera) -> None:
        self.camera = camera
        self.parts: list[_Part] = []

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

    def hull(self, points: np.ndarray, colour: Colour) -> None:
        """The convex hull of points ``(N, 3)``."""
        pixels, depth = self.camera.project(points)
        outline = cv2.convexHull(_pixels(pixels))
        edge = tuple(int(0.72 * c) for c in colour)

        def draw(image: np.ndarray) -> None:
            cv2.fillPoly(image, [outline], colour, cv2.LINE_AA, _SHIFT)
            cv2.polylines(image, [outline], True, edge, 1, cv2.LINE_AA, _SHIFT)

        self.parts.append((float(depth.mean()), draw))

    def ball(self, centre: np.ndarray, radius: float, colour: Colour) -> None:
        """A ball about ``(3,)`` of the given radius in metres."""
        pixels, depth = self.camera.project(centre)
        if depth < 0.1:  # it flew past the camera
            return
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
