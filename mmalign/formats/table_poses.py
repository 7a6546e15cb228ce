"""Tables of keypoints with a row per frame, per person or per joint, as recordings."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from mmalign.errors import InputError
from mmalign.formats.recordings import Recording, frame_positions
from mmalign.formats.table_header import plain
from mmalign.formats.table_joints import match_joints
from mmalign.formats.table_rows import (
    Rows,
    frames_of,
    labels_of,
    number_people,
    people_of,
    read_rows,
)
from mmalign.formats.tables import as_numbers
from mmalign.poses.people import People, clean_poses
from mmalign.skeletons import get_skeleton

COORDINATES = ("auto", "pixels", "shares")
_LARGEST_SHARE = 2.0
"""Coordinates are pixels if their median is above it."""
_FARTHEST = 10.0
_LISTED = 12


def add_table_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the option that says how the coordinates of a table are meant."""
    parser.add_argument(
        "--coordinates",
        choices=COORDINATES,
        default="auto",
        help="of a CSV: pixels or shares of the frame size (default: by their values)",
    )


def check_coordinates(coordinates: str) -> str:
    """Return the option.

    Raises:
        InputError: If it is none of :data:`COORDINATES`.
    """
    if coordinates not in COORDINATES:
        raise InputError(
            f"--coordinates {coordinates!r}, expected one of {', '.join(COORDINATES)}; correct it"
        )
    return coordinates


def read_table_poses(
    path: str | Path,
    skeleton: str | None,
    frame_size: tuple[int, int] | None,
    coordinates: str = "auto",
    landmarks: bool = False,
) -> Recording:
    """Read a table of keypoints.

    Args:
        path: The file.
        skeleton: Name of the skeleton; None to tell it by the joints' names or number.
        frame_size: ``(h, w)`` in pixels, for shares.
        coordinates: One of :data:`COORDINATES`.
        landmarks: Whether MediaPipe found them. Then rows of landmarks up to 20 are of a hand,
            those up to 21 .. 32 of a pose; a hand's score 1.

    Raises:
        InputError: If it cannot be used.
    """
    rows = read_rows(path)
    numbers, fps = frames_of(rows)
    labels, phases = labels_of(rows)
    people = people_of(rows)
    if rows.layout.long:
        name, poses, frames, people = _joint_by_joint(rows, skeleton, landmarks, numbers, people)
    else:
        name, poses, frames, people = _frame_by_frame(rows, skeleton, numbers, people)
    _to_pixels(rows, poses, frame_size, coordinates, landmarks)
    if landmarks and poses.shape[1] == 21:
        poses[..., 2] = 1.0
    poses = clean_poses(poses, rows.source)

    first = int(numbers.min())
    count = frame_positions(np.unique(numbers).tolist(), rows.source)[1]
    order = np.argsort(frames, kind="stable")
    order = order[(poses[order, :, 2] > 0).any(axis=1)]
    poses, frames = poses[order], frames[order] - first
    if people is not None:
        people = people[order]
    elif (np.diff(frames) > 0).all():
        people = np.zeros(len(frames), dtype=np.int64)
    if labels is not None:
        # A frame without a row has the label of the one before it.
        by_frame = np.argsort(numbers, kind="stable")
        place = np.searchsorted(numbers[by_frame] - first, np.arange(count), side="right") - 1
        labels = labels[by_frame][place]
    if unused := rows.layout.unused():
        more = f" and {len(unused) - _LISTED} more" if len(unused) > _LISTED else ""
        rows.notes.append(f"columns that were not used: {', '.join(unused[:_LISTED])}{more}")
    return Recording(
        People(poses, frames, count, people),
        fps=fps,
        skeleton=name,
        labels=labels,
        phases=phases,
        notes=tuple(rows.notes),
    )


_Built = tuple[str, np.ndarray, np.ndarray, np.ndarray | None]


def _frame_by_frame(
    rows: Rows, skeleton: str | None, numbers: np.ndarray, people: np.ndarray | None
) -> _Built:
    """Skeleton, ``(D, K, 3)`` poses, their frames and people, of a row per frame or person."""
    joints, points = rows.layout.joints, rows.layout.points
    name, indices = match_joints(joints, skeleton, True, rows.source)
    index = dict(zip(joints, indices, strict=True))
    several = list(dict.fromkeys(person for person, _ in points))
    width = max(get_skeleton(name).num_joints, max(indices) + 1)
    poses = np.full((len(numbers), len(several), width, 3), np.nan)
    for (person, joint), axes in list(points.items()):
        if index[joint] < 0:
            del points[person, joint]
            continue
        place = poses[:, several.index(person), index[joint]]
        place[:, 0], place[:, 1] = rows.column(axes["x"]), rows.column(axes["y"])
        place[:, 2] = rows.column(axes["score"]) if "score" in axes else place[:, :2].any(axis=1)
    if len(several) > 1:
        people = np.tile(number_people(rows, several), len(numbers))
        numbers = np.repeat(numbers, len(several))
    return name, poses.reshape(-1, width, 3), numbers, people


def _joint_by_joint(
    rows: Rows,
    skeleton: str | None,
    landmarks: bool,
    numbers: np.ndarray,
    people: np.ndarray | None,
) -> _Built:
    """The same of a row per joint."""
    words = rows.words["joint"]
    if "" in words:
        raise rows.error("joint", words.index(""), "the name or number of a joint")
    values = as_numbers(words)
    if values is None:
        spelled = {word: plain(word) for word in dict.fromkeys(words)}
    else:
        whole = rows.whole("joint", values, "the name or number of a joint")
        spelled = {word: str(n) for word, n in zip(words, whole.tolist(), strict=True)}
    joints = list(dict.fromkeys(spelled.values()))
    if landmarks and skeleton is None and values is not None and whole.min() >= 0:
        skeleton = _landmarks_up_to(int(whole.max()))
    name, indices = match_joints(joints, skeleton, False, rows.source)
    index = dict(zip(joints, indices, strict=True))
    joint = np.array([index[spelled[word]] for word in words])

    who = np.zeros(len(numbers), dtype=np.int64) if people is None else people
    there, pose = np.unique(np.stack([numbers, who]), axis=1, return_inverse=True)
    pose = pose.reshape(-1)
    width = max(get_skeleton(name).num_joints, max(indices) + 1)
    _, once = np.unique(pose * (width + 1) + joint, return_index=True)
    if len(once) < len(joint):
        again = np.setdiff1d(np.arange(len(joint)), once)
        again = again[joint[again] >= 0]
        if len(again):
            raise rows.error(
                "joint",
                int(again[0]),
                "every joint once per frame (and person, if a column says who it is)",
            )
    poses = np.full((there.shape[1], width, 3), np.nan)
    axes = rows.layout.points["", ""]
    known = joint >= 0
    x, y = rows.column(axes["x"])[known], rows.column(axes["y"])[known]
    score = rows.column(axes["score"])[known] if "score" in axes else (x != 0) | (y != 0)
    poses[pose[known], joint[known]] = np.stack([x, y, score], axis=1)
    if not known.all():
        left_out = ", ".join(joint for joint, i in index.items() if i < 0)
        rows.notes.append(f"joints that were not used: {left_out:.120}")
    return name, poses, there[0], None if people is None else there[1]


def _landmarks_up_to(last: int) -> str | None:
    """MediaPipe's skeleton by its last landmark; None if that is of neither."""
    if last == 20:
        return "hand21"
    return "mediapipe33" if 20 < last < 33 else None


def _to_pixels(
    rows: Rows,
    poses: np.ndarray,
    frame_size: tuple[int, int] | None,
    coordinates: str,
    landmarks: bool,
) -> None:
    """Turn shares of the frame into pixels, in place."""
    there = (poses[..., 2] > 0) & np.isfinite(poses[..., :2]).all(axis=-1)
    reach = np.abs(poses[there][:, :2])
    if coordinates == "auto":
        shares = landmarks if not reach.size else bool(np.median(reach) <= _LARGEST_SHARE)
        if shares != landmarks:
            kind = "shares of the frame" if shares else "pixels"
            rows.notes.append(f"coordinates were taken for {kind}, by their values")
    else:
        shares = coordinates == "shares"
    if not shares:
        return
    if frame_size is None:
        raise InputError(
            f"{rows.source}: positions are shares of the frame, whose size is not known; name it "
            "with --frame-size WxH"
        )
    far = reach.max(initial=0.0)
    if far > _FARTHEST:
        raise InputError(
            f"{rows.source}: a joint lies at {far:.6g}, expected shares of the frame from 0 to 1; "
            "correct the file, or say --coordinates pixels"
        )
    poses[..., :2] *= frame_size[1], frame_size[0]
