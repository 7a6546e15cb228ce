"""The screen before the figure, the lamp and the cart on it: what only the video shows."""

from __future__ import annotations

import zlib

import cv2
import numpy as np

from mmalign.functional.camera import Camera
from mmalign.toy.activity import Stage
from mmalign.toy.sequence import ToySequence

# Metres: the screen's distance before the figure and half its width and height, which hide the
# figure from all sides; radius of the lamp; half the cart's width and height, half the rail.
_AHEAD, _HALF_SIZE = 0.9, np.array([1.2, 1.35])
_LAMP, _CART, _RAIL = 0.26, np.array([0.22, 0.16]), 0.85
_BRICKS = (7, 6)
_CART_COLOUR, _RAIL_COLOUR = (48, 92, 204), (52, 48, 46)


def to_pixels(camera: Camera, place: np.ndarray) -> np.ndarray:
    """Pixels ``(..., 2)`` int of places on the screen, metres right and down from its middle."""
    height, width = camera.image_size
    scale = camera.focal / (camera.distance - _AHEAD)
    return np.round(np.array([width, height]) / 2 + scale * place).astype(int)


def screen_box(camera: Camera) -> np.ndarray:
    """The screen's corners ``(2, 2)`` in pixels: left and top, right and bottom."""
    return to_pixels(camera, np.stack([-_HALF_SIZE, _HALF_SIZE]))


def _hang_screen(image: np.ndarray, camera: Camera, rng: np.random.Generator) -> None:
    """Draw a wall of bricks, in place; they are dull, for bright colours are the lamp's."""
    low, high = screen_box(camera)
    bricks = rng.uniform(90, 190, size=(*_BRICKS, 1)) + rng.normal(0, 10, size=(*_BRICKS, 3))
    size = (high - low).tolist()
    wall = cv2.resize(bricks.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST)
    (x, y), (skip_x, skip_y) = np.maximum(low, 0), np.maximum(-low, 0)
    part = image[y : high[1], x : high[0]]
    part[:] = wall[skip_y:, skip_x:][: part.shape[0], : part.shape[1]]


def draw_stage(stage: Stage, sequence: ToySequence, background: np.ndarray) -> np.ndarray:
    """Draw the frames of a sequence on a stage.

    The screen's bricks and the places of lamp and rail differ between sequences; with a mirrored
    performer the cart rolls the other way.

    Args:
        stage: what stands on it.
        sequence: the sequence, with the camera that the frames are drawn for.
        background: ``(H, W, 3)`` uint8.

    Returns:
        ``(T, H, W, 3)`` uint8 RGB.
    """
    camera, time = sequence.camera, sequence.canonical_time
    rng = np.random.default_rng(zlib.crc32(time.tobytes()))
    wall = background.copy()
    _hang_screen(wall, camera, rng)
    lamp = to_pixels(camera, rng.uniform([-0.7, -0.9], [0.7, -0.4])).tolist()
    height = rng.uniform(0.25, 0.7)
    pixels_per_metre = camera.focal / (camera.distance - _AHEAD)
    rail = to_pixels(camera, np.array([[-1, height], [1, height]]) * [_RAIL + _CART[0], 1])
    thickness = max(1, round(0.05 * pixels_per_metre))
    cv2.line(wall, rail[0].tolist(), rail[1].tolist(), _RAIL_COLOUR, thickness, cv2.LINE_AA)

    way = -1 if sequence.performer.mirrored else 1
    share = np.interp(time, np.arange(len(stage.cart)), stage.cart)
    centre = np.stack([way * (2 * share - 1) * _RAIL, np.full(len(time), height - _CART[1])], 1)
    corners = to_pixels(camera, centre[:, None] + np.stack([-_CART, _CART]))
    phases = np.minimum(time.astype(int), len(stage.lamp) - 1)
    frames = np.repeat(wall[None], len(time), axis=0)
    for image, phase, (low, high) in zip(frames, phases, corners.tolist(), strict=True):
        cv2.rectangle(image, low, high, _CART_COLOUR, -1)
        radius = max(1, round(_LAMP * pixels_per_metre))
        cv2.circle(image, lamp, radius, stage.lamp[phase], -1, cv2.LINE_AA)
    return frames
