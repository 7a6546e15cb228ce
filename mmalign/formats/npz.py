"""Arrays in ``.npz`` or ``.npy`` files, one clip each, and this project's own pose files.

``keypoints`` is ``(T, K, 2)``, ``(T, K, 3)`` with the score last, or either with a leading axis of
``M`` people who keep their place; ``scores`` is ``(T, K)`` or ``(M, T, K)``; ``labels`` ``(T,)``.
People may be on the second axis, too, where they are fewer than frames, and axes of length 1 stand
between frames and joints, as in MoveNet's stacked outputs ``(T, 1, 1, 17, 3)``.
Other names are given by options. ``fps`` and ``frame_size`` (h, w) are read where present.
"""

from __future__ import annotations

import argparse
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zipfile import is_zipfile

import numpy as np

from mmalign.errors import InputError
from mmalign.formats.base import Clip, ConversionReport
from mmalign.formats.people_reader import PeopleReader
from mmalign.formats.recordings import (
    Recording,
    from_tracks,
    stated_rate,
    stated_size,
)
from mmalign.formats.sources import Source
from mmalign.poses.npz_archive import npz_headers, read_npy, read_npy_header, read_npz
from mmalign.poses.pose_file import REQUIRED_KEYS, read_pose_file

_ORDERS = ("xy", "yx")


class NpzReader(PeopleReader):
    """NumPy arrays of any names.

    Args:
        src: File or folder.
        keypoints_key: Name of the keypoints.
        scores_key: Name of the scores; without that array every joint that is not at (0, 0) has
            score 1.
        labels_key: Name of the phase labels, if any.
        order: ``xy``, or ``yx`` where y comes first, as of MoveNet.
        **options: See :class:`.PeopleReader`.
    """

    name = "npz"
    description = "NumPy arrays: .npz with arrays of any names, .npy, or pose files"
    suffixes = (".npz", ".npy")

    def __init__(
        self,
        src: str | Path,
        keypoints_key: str = "keypoints",
        scores_key: str = "scores",
        labels_key: str = "labels",
        order: str = "xy",
        **options: Any,
    ) -> None:
        self.keys = keypoints_key, scores_key, labels_key
        if order not in _ORDERS:
            raise InputError(f"--order {order!r}, expected one of {', '.join(_ORDERS)}; correct it")
        self.order = order
        super().__init__(src, **options)

    @classmethod
    def add_arguments(cls, parser: argparse.ArgumentParser) -> None:
        """Declare the names of the arrays and the order of their coordinates."""
        super().add_arguments(parser)
        parser.add_argument(
            "--order", choices=_ORDERS, default="xy", help="which coordinate is first (MoveNet: yx)"
        )
        for name in ("keypoints", "scores", "labels"):
            parser.add_argument(
                f"--{name}-key", default=name, metavar="NAME", help="default: %(default)s"
            )

    def read(self, item: Source, report: ConversionReport) -> Iterator[Clip]:
        """Read one clip; a pose file as it is."""
        path = item.paths[0]
        if not set(REQUIRED_KEYS) <= set(_shapes(path)):
            yield from super().read(item, report)
            return
        sequence = read_pose_file(path)
        if sequence.skeleton != self.skeleton:
            raise InputError(
                f"{path}: its skeleton is {sequence.skeleton!r}, expected {self.skeleton!r}; "
                "convert them one after the other"
            )
        report.counts["clips"] += 1
        split, action = self._place(item)
        self._name_phases(action, sequence)
        yield Clip(item.name, sequence, split, action, source=item.name)

    def load(self, source: Source) -> Recording:
        """Read the arrays of one file."""
        path = source.paths[0]
        points_key, scores_key, labels_key = self.keys
        arrays = _arrays(path, {*self.keys, "frame_size", "fps", "skeleton"})
        if points_key not in arrays:
            listed = ", ".join(f"{name} {shape}" for name, shape in _shapes(path).items())
            raise InputError(
                f"{path}: has no {points_key!r} but {listed:.200}; name one with --keypoints-key"
            )
        points = _numbers(arrays[points_key], points_key, path)
        points = _people_first(points, 4)
        if points.ndim != 4 or points.shape[-1] not in (2, 3):
            raise InputError(
                f"{path}: {points_key} has shape {arrays[points_key].shape}, expected (T, K, 2), "
                "(T, K, 3) or either with people in front; reshape it"
            )
        if scores_key in arrays:
            scores = _people_first(_numbers(arrays[scores_key], scores_key, path), 3)
        elif points.shape[-1] == 3:
            scores = points[..., 2]
        else:
            scores = (points != 0).any(axis=-1).astype(np.float64)
        if scores.shape != points.shape[:3]:
            raise InputError(
                f"{path}: {scores_key} has shape {scores.shape}, expected {points.shape[:3]}; "
                "reshape it"
            )
        skeleton = arrays.get("skeleton")
        places = points[..., 1::-1] if self.order == "yx" else points[..., :2]
        return Recording(
            from_tracks(np.concatenate([places, scores[..., None]], axis=-1), str(path)),
            frame_size=stated_size(arrays.get("frame_size"), str(path)),
            fps=stated_rate(arrays.get("fps"), str(path)),
            skeleton=str(skeleton) if skeleton is not None and skeleton.ndim == 0 else None,
            labels=arrays.get(labels_key),
        )


def _arrays(path: Path, keys: Collection[str]) -> dict[str, np.ndarray]:
    """The arrays of those names; that of an ``.npy`` is ``keypoints``."""
    with _told_where_unreadable(path):
        return read_npz(path, keys) if is_zipfile(path) else {"keypoints": read_npy(path)}


def _shapes(path: Path) -> dict[str, tuple[int, ...]]:
    """The shapes of all arrays by name."""
    with _told_where_unreadable(path):
        if not is_zipfile(path):
            return {"keypoints": read_npy_header(path).shape}
        return {name: header.shape for name, header in npz_headers(path).items()}


@contextmanager
def _told_where_unreadable(path: Path) -> Iterator[None]:
    try:
        yield
    except InputError:
        raise
    # A damaged file fails in any of a dozen ways inside zipfile, zlib and NumPy.
    except Exception as error:
        raise InputError(
            f"{path}: not readable ({type(error).__name__}: {error}), expected plain arrays "
            "without pickled objects; save them with numpy.savez"
        ) from error


def read_plain_array(path: Path) -> np.ndarray:
    """The array of numbers in an ``.npy`` file.

    Raises:
        InputError: If there is none.
    """
    with _told_where_unreadable(path):
        array = read_npy(path)
    return _numbers(array, "the array", path)


def _numbers(array: np.ndarray, name: str, path: Path) -> np.ndarray:
    if array.dtype.kind not in "fiu":
        raise InputError(f"{path}: {name} is of type {array.dtype}, expected numbers; convert it")
    return array.astype(np.float64, copy=False)


def _people_first(array: np.ndarray, ndim: int) -> np.ndarray:
    """An array of ``(T, ...)``, ``(M, T, ...)`` or ``(T, M, ...)`` as ``(M, T, ...)``."""
    # What is between the frames and the joints may have length 1.
    while array.ndim > ndim and 1 in array.shape[1 : array.ndim - ndim + 2]:
        array = array.squeeze(1 + array.shape[1:].index(1))
    if array.ndim == ndim - 1:
        return array[None]
    # People are fewer than frames.
    if array.ndim == ndim and array.shape[0] > array.shape[1]:
        return array.swapaxes(0, 1)
    return array
