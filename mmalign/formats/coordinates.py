"""Whether coordinates are pixels or shares of the frame, and pixels of shares."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mmalign.errors import InputError
from mmalign.formats.recordings import Recording

COORDINATES = ("auto", "pixels", "shares")
_LARGEST_SHARE = 2.0
"""Coordinates are pixels if their median is above it."""
_FARTHEST = 10.0


def check_coordinates(coordinates: str) -> str:
    """Return the option.

    Raises:
        InputError: If it is not one of :data:`COORDINATES`.
    """
    if coordinates not in COORDINATES:
        raise InputError(
            f"--coordinates {coordinates!r}, expected one of {', '.join(COORDINATES)}; correct it"
        )
    return coordinates


def put_in_pixels(
    recording: Recording,
    frame_size: tuple[int, int] | None,
    coordinates: str,
    expected: bool,
    source: str,
) -> None:
    """Turn the shares of a recording into pixels; a note says what was not expected.

    Args:
        recording: As a format's reader made it.
        frame_size: ``(h, w)`` in pixels, or None.
        coordinates: One of :data:`COORDINATES`.
        expected: Whether the format has shares as a rule.
        source: What errors name.

    Raises:
        InputError: If the frame size is needed and not known, or a joint lies far off the frame.
    """
    poses = recording.people.poses
    there = (poses[..., 2] > 0) if poses.size else np.zeros(poses.shape[:2], dtype=bool)
    reach = np.abs(poses[there][:, :2]) if there.any() else np.zeros(0)
    if coordinates != "auto":
        shares = coordinates == "shares"
    elif recording.shares is not None:
        shares = recording.shares
    else:
        shares = bool(np.median(reach) <= _LARGEST_SHARE) if reach.size else expected
        if shares != expected:
            kind = "shares of the frame" if shares else "pixels"
            recording.notes += (f"coordinates were taken for {kind}, by their values",)
    if not shares:
        return
    if frame_size is None:
        raise InputError(
            f"{source}: positions are shares of the frame, whose size is not known; name it with "
            "--frame-size WxH"
        )
    far = reach.max(initial=0.0)
    if far > _FARTHEST:
        raise InputError(
            f"{source}: a joint lies at {far:.6g}, expected shares of the frame from 0 to 1; "
            "correct the file, or say --coordinates pixels"
        )
    scaled = poses * np.array([frame_size[1], frame_size[0], 1.0])
    recording.people = replace(recording.people, poses=scaled)
