"""Folders with one image per frame: colour, or depth in 16 bits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from mmalign.errors import InputError

SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp")
_NUMBER = re.compile(r".*?([0-9]{1,15})$")


def list_images(folder: str | Path) -> list[Path]:
    """Images of a folder in the order of the numbers that their names end in.

    Raises:
        InputError: there is none, a name has no number, or a number is missing or there twice.
    """
    folder = Path(folder)
    images: dict[int, Path] = {}
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() not in SUFFIXES or path.name.startswith("."):
            continue
        match = _NUMBER.fullmatch(path.stem)
        if match is None:
            raise InputError(
                f"{path}: found no frame number at its name's end, expected names such as"
                " 00012.jpg; rename the images"
            )
        if int(match[1]) in images:
            raise InputError(
                f"{path}: has the same number as {images[int(match[1])].name}, expected one image"
                " per frame; delete one"
            )
        images[int(match[1])] = path
    if not images:
        raise InputError(
            f"{folder}: no images ({', '.join(SUFFIXES)}), expected one per frame; check the path"
        )
    numbers = sorted(images)
    for before, after in zip(numbers[:-1], numbers[1:], strict=True):
        if after != before + 1:
            raise InputError(
                f"{folder}: frame {before + 1} is missing ({images[before].name} is followed by"
                f" {images[after].name}), expected every frame; extract the images again"
            )
    return [images[number] for number in numbers]


def read_images(folder: str | Path) -> Iterator[np.ndarray]:
    """Colour images of a folder, RGB ``(h, w, 3)`` uint8, one at a time.

    Raises:
        InputError: see :func:`list_images`, or an image is damaged.
    """
    for path in list_images(folder):
        yield np.asarray(ImageOps.exif_transpose(_open(path)).convert("RGB"))


def read_depth(folder: str | Path, unit: float = 0.001) -> Iterator[np.ndarray]:
    """Depth images of a folder in metres, ``(h, w, 1)`` float32, 0 where nothing was measured.

    Args:
        folder: images of one channel of whole numbers, as depth cameras' recorders write them.
        unit: metres per step of the images; cameras count millimetres.

    Raises:
        InputError: see :func:`list_images`; an image is damaged or has several channels.
    """
    for path in list_images(folder):
        depth = np.asarray(_open(path))
        if depth.ndim != 2:
            raise InputError(
                f"{path}: has {depth.shape[-1]} channels, expected a depth image of one;"
                " name the folder of the raw depth images"
            )
        yield (depth.astype(np.float32) * np.float32(unit))[..., None]


def _open(path: Path) -> Image.Image:
    try:
        image = Image.open(path)
        image.load()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise InputError(
            f"{path}: not a readable image ({error}); write it again or leave the sequence out"
        ) from error
    return image
