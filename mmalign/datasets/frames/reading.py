"""From a video or a folder to frames of a modality, all of one size."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import InitVar, dataclass
from pathlib import Path

import cv2
import numpy as np

from mmalign.datasets.frames.folders import read_depth, read_images
from mmalign.errors import InputError
from mmalign.video.decoding import decode, held
from mmalign.video.facts import read_video_facts

MODALITIES = ("rgb", "flow", "depth")
"""What frames can show; the shapes and units are those of :func:`prepare_frames`."""
_CHANNELS = {"rgb": (3, np.uint8), "flow": (2, np.float16), "depth": (1, np.float32)}
_LEAST_FLOW_SIDE = 16


@dataclass(frozen=True)
class ReadingOptions:
    """What is made of the frames of a source.

    Attributes:
        modality: one of ``MODALITIES``.
        size: side of the square frames in pixels.
        decoder: ignored, with a warning: there is one decoder for all videos.
        depth_unit: metres per step of depth images.

    Raises:
        InputError: an option cannot be used.
    """

    modality: str = "rgb"
    size: int = 224
    decoder: InitVar[str | None] = None
    depth_unit: float = 0.001

    def __post_init__(self, decoder: str | None) -> None:
        """Check the options."""
        if decoder is not None:
            warnings.warn(
                f"LoadFrames: decoder={decoder!r} is ignored: all videos are decoded by PyAV; leave"
                " the option out",
                stacklevel=1,
            )
        if self.modality not in MODALITIES:
            raise InputError(
                f"LoadFrames: modality is {self.modality!r}, expected one of"
                f" {', '.join(MODALITIES)}"
            )
        least = _LEAST_FLOW_SIDE if self.modality == "flow" else 1
        if self.size < least:
            raise InputError(f"LoadFrames: size is {self.size}, expected at least {least} pixels")
        if not 0 < self.depth_unit < math.inf:
            raise InputError(
                f"LoadFrames: depth_unit is {self.depth_unit}, expected metres above 0"
            )

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width and channels of a frame."""
        return self.size, self.size, _CHANNELS[self.modality][0]

    @property
    def dtype(self) -> np.dtype:
        """Type of a frame's values."""
        return np.dtype(_CHANNELS[self.modality][1])


def read_source(path: str | Path, options: ReadingOptions) -> Iterator[tuple[float, np.ndarray]]:
    """Read the frames of a video file or of a folder of images.

    Args:
        path: the source; a folder for depth.
        options: what is made of them.

    Yields:
        The time since the first frame in seconds, NaN in a folder, which has no clock; and the
        frame as :func:`prepare_frames` gives it. Of a video there is one frame per picture; in
        place of one that cannot be decoded stands the last good one.

    Raises:
        InputError: the source is missing or damaged.
    """
    path = Path(path)
    if not path.exists():
        raise InputError(f"{path}: no such video or folder of images; check the path")
    if path.is_dir():
        depth = options.modality == "depth"
        images = read_depth(path, options.depth_unit) if depth else read_images(path)
        yield from ((math.nan, frame) for frame in prepare_frames(images, options))
        return
    if options.modality == "depth":
        raise InputError(f"{path}: a file, expected a folder of depth images; check the path")

    facts = read_video_facts(path)
    pictures = held(decode(facts, np.arange(len(facts.times)), layout="rgb24"))
    yield from zip(facts.times.tolist(), prepare_frames(pictures, options), strict=True)


def prepare_frames(pictures: Iterable[np.ndarray], options: ReadingOptions) -> Iterator[np.ndarray]:
    """Bring pictures to one size and compute the modality.

    Args:
        pictures: RGB ``(h, w, 3)`` uint8; for depth ``(h, w, 1)`` float32 metres.
        options: modality and size S.

    Yields:
        Per picture ``(S, S, 3)`` uint8 RGB; ``(S, S, 2)`` float16 optical flow to the next picture,
        x and y, in pixels of the resized frame, the last picture's repeated from the one before; or
        ``(S, S, 1)`` float32 metres.
    """
    # Between a near and a far surface lies no surface: depth is not averaged.
    nearest = options.modality == "depth"
    resized = (letterbox(picture, options.size, nearest) for picture in pictures)
    yield from _optical_flow(resized) if options.modality == "flow" else resized


def letterbox(image: np.ndarray, size: int, nearest: bool = False) -> np.ndarray:
    """Scale an image into the middle of a square, with zeros round it.

    Args:
        image: ``(h, w, C)``.
        size: side of the square.
        nearest: take the nearest pixel; else average when it shrinks, interpolate when it grows.

    Returns:
        ``(size, size, C)``.
    """
    height, width = image.shape[:2]
    scale = size / max(height, width)
    shape = (max(1, round(scale * height)), max(1, round(scale * width)))
    if shape != (height, width):
        smooth = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        how = cv2.INTER_NEAREST if nearest else smooth
        image = cv2.resize(np.ascontiguousarray(image), shape[::-1], interpolation=how)
    out = np.zeros((size, size, image.shape[2] if image.ndim == 3 else 1), dtype=image.dtype)
    y, x = (size - shape[0]) // 2, (size - shape[1]) // 2
    out[y : y + shape[0], x : x + shape[1]] = image.reshape(*shape, -1)
    return out


def _optical_flow(pictures: Iterator[np.ndarray]) -> Iterator[np.ndarray]:
    """Dense inverse search (Kroeger et al., ECCV 2016) from each picture to the next."""
    search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    before: np.ndarray | None = None
    flow: np.ndarray | None = None
    for picture in pictures:
        grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
        if before is not None:
            flow = search.calc(before, grey, None)  # type: ignore[call-overload]
            flow = flow.astype(np.float16)
            yield flow
        before = grey
    if before is not None:
        yield np.zeros((*before.shape, 2), np.float16) if flow is None else flow
