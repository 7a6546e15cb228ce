"""Tables of keypoints with a row per frame, per person or per joint, as recordings."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np

from mmalign.formats.recordings import Recording, first_number, frame_positions
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

_LISTED = 12


def read_table_poses(
    path: str | Path,
    skeleton: str | None,
    first_frame: int | None = None,
    landmarks: bool = False,
) -> Recording:
    """Read a table of keypoints.

    Args:
        path: The file.
        skeleton: Name of the skeleton; None to tell it by the joints' names or number.
        first_frame: Number of the clip's first frame; None to tell it by the numbers.
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
    if landmarks and poses.shape[1] == 21:
        poses[..., 2] = 1.0
    poses = clean_poses(poses, rows.source)

    listed: list[int] = np.unique(numbers).tolist()
    counts: Counter[str] = Counter()
    numbered = "frame" in rows.layout.roles or fps is not None
    # Phases are given to a clip as it was cut: it begins where they begin.
    first = first_frame
    if numbered and first is None and labels is None:
        first = first_number(listed, None, counts)
    count = frame_positions(listed, rows.source, first)[1]
    first = listed[0] if first is None else first
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
        labels = labels[by_frame][np.maximum(place, 0)]
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
        start=first if numbered else None,
        counts=counts,
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
