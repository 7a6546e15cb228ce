"""Everybody's poses in the frames of a video, batched over frames."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np

from mmalign.errors import InputError
from mmalign.extraction.backends.base import PoseBackend
from mmalign.extraction.boxes import Boxes, boxes_between
from mmalign.poses.people import People, clean_poses
from mmalign.video.decoding import Frame

CHUNK_BYTES = 256 * 2**20
"""Memory for the frames that are worked on together, beyond one interval of the detector."""

_NOBODY: Boxes = np.zeros((0, 4), np.float32)

Batch = tuple[list[Frame | None], list[Boxes]]


@dataclass(frozen=True)
class Estimation:
    """How poses are estimated.

    Attributes:
        det_every: The detector sees every so manieth frame and the last one; boxes of the frames
            between are interpolated.
        det_score: Boxes below this score are not used.
        batch_size: Frames and crops that go through a network at once.

    Raises:
        InputError: If an option cannot be used.
    """

    det_every: int = 1
    det_score: float = 0.3
    batch_size: int = 16

    def __post_init__(self) -> None:
        """Check the options."""
        for name in ("det_every", "batch_size"):
            if getattr(self, name) < 1:
                option = name.replace("_", "-")
                raise InputError(f"--{option} {getattr(self, name)}, expected 1 or more")
        if not 0 <= self.det_score <= 1:
            raise InputError(f"--det-score {self.det_score}, expected a number from 0 to 1")


def estimate_people(
    frames: Iterator[Frame | None],
    count: int,
    backend: PoseBackend,
    how: Estimation,
    source: str,
    progress: Callable[[int], object] = lambda done: None,
) -> tuple[People, int]:
    """Find everybody in the frames of a video.

    Args:
        frames: The pictures; None where one is lost, which shows nobody then.
        count: How many there are.
        backend: The estimator.
        how: Options.
        source: What errors name.
        progress: Called with the number of frames that were done since the last call.

    Returns:
        Who is in which frame, without tracks, and how many frames were lost.
    """
    poses: list[np.ndarray] = []
    index: list[np.ndarray] = []
    first = lost = 0
    batches = _with_boxes(frames, count, backend, how)
    for pictures, boxes in batches:
        there = [i for i, picture in enumerate(pictures) if picture is not None]
        if not backend.one_stage:
            there = [i for i in there if len(boxes[i])]
        shown = [picture for i in there if (picture := pictures[i]) is not None]
        found = backend.estimate(shown, [boxes[i] for i in there]) if shown else []
        for i, people in zip(there, found, strict=True):
            if len(people):
                poses.append(people)
                index.append(np.full(len(people), first + i))
        first += len(pictures)
        lost += sum(picture is None for picture in pictures)
        progress(len(pictures))
    if not poses:
        return People(np.zeros((0, 0, 3)), np.zeros(0, np.int64), count), lost
    table, rows = clean_poses(np.concatenate(poses), source), np.concatenate(index)
    there_is = (table[..., 2] > 0).any(axis=1)
    return People(table[there_is], rows[there_is], count), lost


def _with_boxes(
    frames: Iterator[Frame | None], count: int, backend: PoseBackend, how: Estimation
) -> Iterator[Batch]:
    """Frames in batches, with the boxes of the people in each."""
    if not backend.one_stage and backend.has_detector:
        yield from _detected(frames, count, backend, how)
        return
    while batch := list(islice(frames, how.batch_size)):
        if backend.one_stage:
            yield batch, [_NOBODY] * len(batch)
        else:
            yield batch, [_NOBODY if f is None else _whole(f) for f in batch]


def _whole(frame: Frame) -> Boxes:
    return np.array([[0, 0, frame.shape[1], frame.shape[0]]], np.float32)


def _detected(
    frames: Iterator[Frame | None], count: int, backend: PoseBackend, how: Estimation
) -> Iterator[Batch]:
    """Frames up to each detection, with boxes interpolated between one and the next."""
    waiting: list[Frame | None] = []
    begin = 0  # the number of the first frame that waits
    before: tuple[int, Boxes] | None = None  # the last detection
    size = how.det_every
    while begin + len(waiting) < count:
        batch = list(islice(frames, size))
        size = _chunk(batch, how)
        waiting += batch
        at_end = begin + len(waiting) == count
        keys = _keys(waiting, begin, None if before is None else before[0], how.det_every, at_end)
        boxes: list[Boxes] = []
        for key, here in zip(
            keys, _detect([waiting[k - begin] for k in keys], backend, how), strict=True
        ):
            if before is None:
                boxes += [_NOBODY] * (key - begin)
            else:
                boxes += boxes_between(before[1], here, key - before[0] - 1)
            boxes.append(here)
            before = key, here
        if at_end:
            boxes += [_NOBODY] * (len(waiting) - len(boxes))
        if boxes:
            yield waiting[: len(boxes)], boxes
        waiting, begin = waiting[len(boxes) :], begin + len(boxes)


def _keys(
    waiting: list[Frame | None], begin: int, last: int | None, every: int, at_end: bool
) -> list[int]:
    """Numbers of the frames to detect people in: where one is lost, the next one."""
    keys = []
    there = [k for k, frame in enumerate(waiting, begin) if frame is not None]
    for k in there:
        if last is None or k - last >= every:
            keys.append(k)
            last = k
    if at_end and there and there[-1] != last:
        keys.append(there[-1])
    return keys


def _chunk(batch: list[Frame | None], how: Estimation) -> int:
    """Frames to take at a time: whole intervals, enough for a batch if memory allows."""
    largest = max((f.nbytes for f in batch if f is not None), default=1)
    wanted = min(how.batch_size, CHUNK_BYTES // largest)
    return how.det_every * max(1, math.ceil(wanted / how.det_every))


def _detect(frames: list[Frame | None], backend: PoseBackend, how: Estimation) -> list[Boxes]:
    shown = [frame for frame in frames if frame is not None]
    found = backend.detect(shown) if shown else []
    good = [people[people[:, 4] >= how.det_score] for people in found]
    return [np.delete(people, 4, axis=1).astype(np.float32) for people in good]
