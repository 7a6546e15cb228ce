"""The pose file: one sequence of 2D poses in one ``.npz`` without pickles."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from mmalign.errors import InputError
from mmalign.fileio import atomic_write, check_size
from mmalign.poses.npz_archive import npz_headers, read_npz
from mmalign.skeletons import Skeleton, get_skeleton

REQUIRED_KEYS = ("keypoints", "scores", "frame_size", "fps", "skeleton")
OPTIONAL_KEYS = ("labels", "track_id", "keypoints3d")
FARTHEST = 1e6
"""Pixels from the picture's corner, beyond which nobody means a joint or a side."""
FPS_RANGE = (1e-3, 1e6)
"""Frames per second, from time lapses to the fastest cameras."""


@dataclass
class PoseSequence:
    """The 2D poses of one person over one video.

    Attributes:
        keypoints: ``(T, K, 2)`` float32, x and y in pixels; 0 where a joint is absent.
        scores: ``(T, K)`` float32 in [0, 1], the confidence; 0 means absent.
        frame_size: ``(h, w)`` of the video in pixels.
        fps: Frames per second.
        skeleton: A name of :mod:`mmalign.skeletons`; it fixes ``K``.
        labels: ``(T,)`` int64 phase of every frame, or None.
        track_id: Which of several people in the video, or None.
        keypoints3d: ``(T, K, 3)`` float32, where a data set has 3D poses, in metres in the
            camera's or the world's frame; 0 where a joint is absent; or None.
    """

    keypoints: np.ndarray
    scores: np.ndarray
    frame_size: tuple[int, int]
    fps: float
    skeleton: str
    labels: np.ndarray | None = None
    track_id: int | None = None
    keypoints3d: np.ndarray | None = None

    @property
    def num_frames(self) -> int:
        """Number of frames ``T``."""
        return len(self.keypoints)

    def validate(self, source: str) -> PoseSequence:
        """Check the sequence and bring it into its canonical form.

        Numbers are cast to the documented types, and the coordinates of absent joints, which may
        be NaN before, become 0.

        Args:
            source: What the error message names: the file or the video the sequence is from.

        Returns:
            A checked copy; nothing is changed in place.

        Raises:
            InputError: If a shape, type or value is not as documented, there is no frame, or no
                joint is visible in any frame.
        """
        skeleton = _skeleton(self.skeleton, source)
        scores = _numbers(self.scores, "scores", source)
        keypoints = _numbers(self.keypoints, "keypoints", source)
        if keypoints.ndim != 3 or keypoints.shape[2] != 2:
            raise _error(source, f"keypoints have shape {keypoints.shape}", "(T, K, 2)")
        if len(keypoints) == 0:
            raise _error(source, "it has zero frames", "at least one", "leave it out")
        if keypoints.shape[1] != skeleton.num_joints:
            raise _error(
                source,
                f"it has {keypoints.shape[1]} joints",
                f"{skeleton.num_joints} of skeleton {skeleton.name!r}",
                "name the skeleton the poses were made with",
            )
        if scores.shape != keypoints.shape[:2]:
            raise _error(source, f"scores have shape {scores.shape}", f"{keypoints.shape[:2]}")
        # NaN compares false, and so fails here too.
        lowest, highest = scores.min(), scores.max()
        if not (lowest >= 0 and highest <= 1):
            raise _error(source, "some scores are NaN or outside [0, 1]", "scores in [0, 1]")
        if highest == 0:
            raise _error(source, "no joint is visible in any frame", "some", "leave it out")
        # A score so small that float32 rounds it to 0 counts as absent, so compare afterwards.
        scores = scores.astype(np.float32)
        absent = scores == 0
        keypoints = np.where(absent[..., None], 0.0, keypoints)
        with np.errstate(over="ignore"):
            keypoints = keypoints.astype(np.float32)
        if not np.isfinite(keypoints).all():
            frame = int(np.argwhere(~np.isfinite(keypoints))[0, 0])
            raise _error(
                source,
                f"a keypoint of frame {frame} is NaN or infinite",
                "finite coordinates where the score is above 0",
                "set the score of a joint that was not found to 0",
            )
        farthest = np.abs(keypoints).max()
        if farthest > FARTHEST:
            raise _error(
                source, f"a keypoint lies at {farthest:.3g} pixels", f"at most {FARTHEST:.0e}"
            )
        return replace(
            self,
            keypoints=keypoints,
            scores=scores,
            frame_size=_frame_size(self.frame_size, source),
            fps=_fps(self.fps, source),
            skeleton=skeleton.name,
            labels=_labels(self.labels, len(keypoints), source),
            track_id=_track_id(self.track_id, source),
            keypoints3d=_keypoints3d(self.keypoints3d, absent, source),
        )


def read_pose_file(path: str | Path) -> PoseSequence:
    """Read and check one pose file.

    Raises:
        InputError: If the file is missing, damaged, too large, no pose file or holds a bad
            sequence. Pickled objects are never loaded.
    """
    source = str(path)
    try:
        content: dict[str, Any] = read_npz(source, (*REQUIRED_KEYS, *OPTIONAL_KEYS))
        missing = [key for key in REQUIRED_KEYS if key not in content]
        names = ", ".join(sorted(npz_headers(source))) if missing else ""
    except (FileNotFoundError, IsADirectoryError) as error:
        raise InputError(
            f"{source}: no such pose file; check the path or prepare the data again"
        ) from error
    except InputError:
        raise
    # A damaged file fails in any of a dozen ways inside zipfile, zlib and NumPy; for the reader
    # all mean the same.
    except Exception as error:
        raise InputError(
            f"{source}: not a readable pose file ({type(error).__name__}: {error}); expected an "
            ".npz of plain arrays; prepare or download it again"
        ) from error
    if missing:
        raise InputError(
            f"{source}: lacks {', '.join(missing)} (it has {names or 'nothing'}); a pose file holds"
            f" {', '.join(REQUIRED_KEYS)}"
        )
    return PoseSequence(**content).validate(source)


def write_pose_file(path: str | Path, sequence: PoseSequence) -> None:
    """Check a sequence and write it, atomically and compressed.

    Raises:
        InputError: If the sequence is not valid (see :meth:`PoseSequence.validate`), is larger
            than what is read again, or the file cannot be written.
    """
    sequence = sequence.validate(str(path))
    arrays: dict[str, Any] = {key: np.asarray(getattr(sequence, key)) for key in REQUIRED_KEYS}
    for key in OPTIONAL_KEYS:
        if getattr(sequence, key) is not None:
            arrays[key] = np.asarray(getattr(sequence, key))
    check_size(path, sum(array.size * max(array.itemsize, 8) for array in arrays.values()))
    # In memory first: where a disk is full zipfile complains of what it could not close.
    content = io.BytesIO()
    np.savez_compressed(content, **arrays)
    with atomic_write(path) as temporary:
        temporary.write_bytes(content.getbuffer())


def _error(source: str, found: str, expected: str, do: str = "correct the file") -> InputError:
    return InputError(f"{source}: {found}, expected {expected}; {do}")


def _numbers(value: Any, name: str, source: str) -> np.ndarray:
    """The value as float64, or float32 if it is, if it is made of real numbers."""
    array = np.asarray(value)
    if array.dtype.kind not in "fiu":
        raise _error(source, f"{name} are of type {array.dtype}", "numbers")
    return array if array.dtype == np.float32 else array.astype(np.float64)


def _skeleton(value: Any, source: str) -> Skeleton:
    name = np.asarray(value)
    if name.dtype.kind != "U" or name.ndim != 0:
        raise _error(source, f"skeleton is of type {name.dtype}", "the name of a skeleton")
    try:
        return get_skeleton(name.item())
    except InputError as error:
        raise InputError(f"{source}: {error}") from error


def _frame_size(value: Any, source: str) -> tuple[int, int]:
    size = _numbers(value, "frame sizes", source)
    sides = size.tolist()
    if size.shape != (2,) or not all(1 <= side <= FARTHEST for side in sides):
        raise _error(source, f"frame_size is {value}", "(height, width) in pixels")
    return int(sides[0]), int(sides[1])


def _fps(value: Any, source: str) -> float:
    fps = _numbers(value, "frame rates", source)
    lowest, highest = FPS_RANGE
    if fps.ndim != 0 or not lowest <= float(fps) <= highest:
        raise _error(source, f"fps is {value}", f"one number from {lowest:g} to {highest:g}")
    return float(fps)


def _labels(value: Any, frames: int, source: str) -> np.ndarray | None:
    if value is None:
        return None
    labels = np.asarray(value)
    if labels.dtype.kind not in "iu":
        raise _error(source, f"labels are of type {labels.dtype}", "integers")
    if labels.shape != (frames,):
        raise _error(source, f"labels have shape {labels.shape}", f"({frames},), one per frame")
    if (labels < 0).any():
        raise _error(source, f"a label is {labels.min()}", "phases from 0 upwards")
    return labels.astype(np.int64)


def _track_id(value: Any, source: str) -> int | None:
    if value is None:
        return None
    track = np.asarray(value)
    if track.dtype.kind not in "iu" or track.ndim != 0:
        raise _error(source, f"track_id is {value}", "one integer")
    return int(track)


def _keypoints3d(value: Any, absent: np.ndarray, source: str) -> np.ndarray | None:
    if value is None:
        return None
    points = _numbers(value, "3D keypoints", source)
    if points.shape != (*absent.shape, 3):
        raise _error(source, f"keypoints3d have shape {points.shape}", f"{(*absent.shape, 3)}")
    with np.errstate(over="ignore"):
        points = np.where(absent[..., None], 0.0, points).astype(np.float32)
    if not np.isfinite(points).all():
        raise _error(
            source,
            "a 3D keypoint is NaN or infinite",
            "finite coordinates where the score is above 0",
            "set the score of a joint that was not found to 0",
        )
    return points
