"""From a video or a folder to frames of a modality, all of one size."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import InitVar, dataclass
from pathlib import Path

import cv2
import numpy as np

from mmalign.datasets.frames.folders import read_depth, read_images
from mmalign.errors import InputError
from mmalign.structures.modalities import FRAMES, FrameModality
from mmalign.video.decoding import decode, held
from mmalign.video.facts import read_video_facts


@dataclass(frozen=True)
class ReadingOptions:
    """What is made of the frames of a source.

    Attributes:
        modality: one of :data:`~mmalign.structures.modalities.FRAMES`.
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
        if self.modality not in FRAMES:
            raise InputError(
                f"LoadFrames: modality is {self.modality!r}, expected one of {', '.join(FRAMES)}"
            )
        least = self.made.least_size
        if self.size < least:
            raise InputError(f"LoadFrames: size is {self.size}, expected at least {least} pixels")
        if not 0 < self.depth_unit < math.inf:
            raise InputError(
                f"LoadFrames: depth_unit is {self.depth_unit}, expected metres above 0"
            )

    @property
    def made(self) -> FrameModality:
        """What the table of modalities says of the frames."""
        return FRAMES[self.modality]

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width and channels of a frame."""
        return self.size, self.size, self.made.channels

    @property
    def dtype(self) -> np.dtype:
        """Type of a frame's values."""
        return np.dtype(self.made.dtype)


def read_source(path: str | Path, options: ReadingOptions) -> Iterator[tuple[float, np.ndarray]]:
    """Read the frames of a video file or of a folder of images.

    Args:
        path: the source; a folder for what is not made from videos.
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
        images = _IMAGES[options.made.source](path, options)
        yield from ((math.nan, frame) for frame in prepare_frames(images, options))
        return
    if options.made.source != "video":
        raise InputError(
            f"{path}: a file, expected a folder of {options.made.source} images; check the path"
        )

    facts = read_video_facts(path)
    pictures = held(decode(facts, np.arange(len(facts.times)), layout="rgb24"))
    yield from zip(facts.times.tolist(), prepare_frames(pictures, options), strict=True)


def prepare_frames(pictures: Iterable[np.ndarray], options: ReadingOptions) -> Iterator[np.ndarray]:
    """Bring pictures to one size and compute the modality.

    Args:
        pictures: what the modality's source shows: RGB ``(h, w, 3)`` uint8; for depth
            ``(h, w, 1)`` float32 metres.
        options: modality and size S.

    Yields:
        Per picture ``(S, S, C)`` of the modality's type and unit. The optical flow of the last
        picture is that of the one before.
    """
    nearest = not options.made.averaged
    resized = (letterbox(picture, options.size, nearest) for picture in pictures)
    make = _MADE.get(options.modality)
    yield from resized if make is None else make(resized)


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


_IMAGES: dict[str, Callable[[Path, ReadingOptions], Iterator[np.ndarray]]] = {
    "video": lambda folder, options: read_images(folder),
    "depth": lambda folder, options: read_depth(folder, options.depth_unit),
}
"""How a folder of images of a source is read."""

_MADE: dict[str, Callable[[Iterator[np.ndarray]], Iterator[np.ndarray]]] = {"flow": _optical_flow}
"""How the frames of a modality are made, if they are not the resized pictures themselves."""
