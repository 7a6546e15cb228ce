"""What may be done to a sequence's poses before training: gaps, smoothing, frame rate."""

from __future__ import annotations

import argparse
import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mmalign.errors import InputError
from mmalign.functional.gaps import fill_gaps
from mmalign.functional.playback import REAL_TIME, PlaybackSpeed
from mmalign.functional.pose import resample_pose
from mmalign.functional.smoothing import one_euro, savgol
from mmalign.poses.pose_file import PoseSequence

SMOOTHING = ("none", "savgol", "one-euro")

# The One-Euro filter's beta in Hz per pixel/s and per m/s, for people some 350 pixels tall.
_BETA_PIXELS, _BETA_METRES = 0.05, 10.0


@dataclass(frozen=True)
class PoseProcessing:
    """Fill short gaps, then smooth, then resample; 3D keypoints go the same way.

    Attributes:
        max_gap: Longest absence of a joint in frames that is interpolated; 0 for none. See
            :func:`~mmalign.functional.gaps.fill_gaps`.
        smooth: ``none``, ``savgol`` or ``one-euro``; never across an absence that is left. See
            :mod:`mmalign.functional.smoothing`.
        fps: Frame rate to resample to, or None. See :func:`resample_sequence`.

    Raises:
        InputError: If an option cannot be used.
    """

    max_gap: int = 0
    smooth: str = "none"
    fps: float | None = None

    def __post_init__(self) -> None:
        """Check the options."""
        if self.max_gap < 0:
            raise InputError(f"gaps to fill: {self.max_gap} frames, expected 0 or more")
        if self.smooth not in SMOOTHING:
            raise InputError(f"smoothing {self.smooth!r}, expected one of {', '.join(SMOOTHING)}")
        check_fps(self.fps)

    @property
    def active(self) -> bool:
        """Whether anything is to be done."""
        return self != PoseProcessing()

    def __call__(self, sequence: PoseSequence) -> PoseSequence:
        """Process one sequence.

        Raises:
            InputError: If the sequence is not valid.
        """
        sequence = sequence.validate("the sequence")
        sequence = _over_time(sequence, self.max_gap, self.smooth)
        return sequence if self.fps is None else resample_sequence(sequence, self.fps)


def check_fps(fps: float | None) -> None:
    """Check a frame rate that was asked for; None asks for nothing.

    Raises:
        InputError: If it is no positive number.
    """
    if fps is not None and not 0 < fps < math.inf:
        raise InputError(f"fps is {fps}, expected a positive number of frames per second")


def resampled_length(
    num_frames: int, old_fps: float, new_fps: float, speed: PlaybackSpeed = REAL_TIME
) -> int:
    """Number of frames after resampling: as many as lie between the first and the last one."""
    last = (num_frames - 1) * (new_fps / old_fps)
    if not speed.is_real_time:
        last = float(speed.real_seconds((num_frames - 1) / old_fps)) * new_fps
    # The small number keeps a last frame that rounding puts just outside.
    return int(last + 1e-6) + 1


def resample_sequence(
    sequence: PoseSequence, fps: float, speed: PlaybackSpeed = REAL_TIME
) -> PoseSequence:
    """Change the frame rate of a sequence; its first frame stays the first.

    Joints are interpolated between the two frames round the new one where both have them, else
    the nearer frame is taken; a label is always that of the nearer frame. Nothing is averaged: a
    lower rate leaves frames out.

    Args:
        sequence: A valid sequence.
        fps: The new frame rate.
        speed: At which speed the sequence shows what happened; the new frame rate is that of real
            time.
    """
    if fps == sequence.fps and speed.is_real_time:
        return sequence
    count = resampled_length(sequence.num_frames, sequence.fps, fps, speed)
    # Multiplied first: whole and half positions are exact.
    positions = np.arange(count) * sequence.fps / fps
    if not speed.is_real_time:
        positions = speed.file_seconds(np.arange(count) / fps) * sequence.fps
    positions = np.clip(positions, 0, sequence.num_frames - 1)
    keypoints, scores = resample_pose(sequence.keypoints, sequence.scores, positions)
    labels, points = sequence.labels, sequence.keypoints3d
    return PoseSequence(
        keypoints=keypoints,
        scores=scores,
        frame_size=sequence.frame_size,
        fps=float(fps),
        skeleton=sequence.skeleton,
        labels=None if labels is None else labels[np.rint(positions).astype(np.intp)],
        track_id=sequence.track_id,
        keypoints3d=None
        if points is None
        else resample_pose(points, sequence.scores, positions)[0],
    )


def _over_time(sequence: PoseSequence, max_gap: int, smooth: str) -> PoseSequence:
    """Fill and smooth 2D and, where there are any, 3D keypoints alike."""

    def process(points: np.ndarray, beta: float) -> tuple[np.ndarray, np.ndarray]:
        points, scores = fill_gaps(points, sequence.scores, max_gap)
        if smooth == "savgol":
            points = savgol(points, scores)
        elif smooth == "one-euro":
            points = one_euro(points, scores, sequence.fps, beta=beta)
        return points, scores

    keypoints, scores = process(sequence.keypoints, _BETA_PIXELS)
    points = sequence.keypoints3d
    if points is not None:
        points, _ = process(points, _BETA_METRES)
    return replace(sequence, keypoints=keypoints, scores=scores, keypoints3d=points)


def add_processing_arguments(parser: argparse._ActionsContainer) -> None:
    """Add the options of :class:`PoseProcessing` to a command line."""
    parser.add_argument(
        "--fill-gaps", type=int, default=0, metavar="N",
        help="interpolate joints that are absent for at most N frames (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--smooth", choices=SMOOTHING, default="none", help="filter over time (default: none)"
    )
    parser.add_argument(
        "--resample", type=float, metavar="FPS", help="change the frame rate; labels follow"
    )


def take_processing(options: dict[str, Any]) -> PoseProcessing:
    """Take the options of :func:`add_processing_arguments` out of others.

    Raises:
        InputError: If one cannot be used.
    """
    return PoseProcessing(options.pop("fill_gaps"), options.pop("smooth"), options.pop("resample"))
