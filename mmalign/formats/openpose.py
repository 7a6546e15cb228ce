"""OpenPose's ``--write_json``: a folder with one JSON file per frame.

A file is ``NAME_000000000012_keypoints.json`` (any name that ends in the frame's number is read)
and holds ``{"people": [{"person_id", "pose_keypoints_2d": [x, y, score, …],
"hand_left_keypoints_2d", "hand_right_keypoints_2d"}]}``; OpenPose documents it in
``doc/02_output.md``. Left and right are the person's.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from mmalign.errors import InputError
from mmalign.formats.image_names import (
    ImageNumbers,
    image_stems,
    numbers_by_time,
    split_number,
)
from mmalign.formats.people_reader import PeopleReader
from mmalign.formats.recordings import (
    Recording,
    first_number,
    frame_positions,
    gather,
    read_json,
    to_pose,
)
from mmalign.formats.sources import Source, find_files

_BODY = ("pose_keypoints_2d", "pose_keypoints")
_HANDS = ("hand_left_keypoints_2d", "hand_right_keypoints_2d")


def frame_folders(
    reader: PeopleReader, suffix: str = ".json", base: int | None = None
) -> list[Source]:
    """Clips of a source that has one file per frame: a folder, or several in one.

    Files of one folder whose names differ in more than the frame's number are different clips,
    unless their names are times, or a hash stands before each.
    Numbers that are missing are frames without anybody.

    Args:
        reader: The reader.
        suffix: Of the files.
        base: The number of a video's first picture where a source writes no files of pictures
            without people; else None.

    Raises:
        InputError: If there is no such file.
    """
    groups: dict[tuple[Path, str], list[Path]] = {}
    numbers: dict[tuple[Path, str], ImageNumbers] = {}
    if not reader.src.is_file():
        for folder, paths in _by_folder(find_files(reader.src, (suffix,))).items():
            for prefix, (found, files) in _clips(paths).items():
                groups[folder, prefix], numbers[folder, prefix] = files, found
    if not groups:
        raise InputError(
            f"{reader.src}: found no folder with a {suffix} file per frame, whose names end in the "
            f"frame's number, expected NAME_000000000000{suffix} and so on; check the path"
        )
    folders = [folder for folder, _ in groups]
    sources = []
    for (folder, prefix), files in groups.items():
        name = reader.name_of(folder)
        if folders.count(folder) > 1:
            name = (f"{name}/" if folder != reader.src else "") + (prefix or "frames")
        if base is not None and prefix:
            # Ultralytics puts a video's labels into a folder of that name.
            above = folder.parent if folder.name == "labels" and folder != reader.src else folder
            name = ("" if above == reader.src else f"{reader.name_of(above)}/") + prefix
        known = numbers[folder, prefix]
        start, counts = reader.first_frame if known.counted else None, Counter[str]()
        if base is not None and start is None and known.counted:
            start = first_number(known.numbers, base, counts)
        frames, count = frame_positions(known.numbers, str(folder), start)
        start = min(known.numbers) - int(frames.min()) if known.counted else None
        notes = (known.note,) if known.note else ()
        places = tuple(frames.tolist())
        sources.append(Source(name, tuple(files), places, count, start, known.fps, notes, counts))
    return sources


def _by_folder(paths: list[Path]) -> dict[Path, list[Path]]:
    folders: dict[Path, list[Path]] = {}
    for path in paths:
        folders.setdefault(path.parent, []).append(path)
    return folders


def _clips(paths: list[Path]) -> dict[str, tuple[ImageNumbers, list[Path]]]:
    """The clips of one folder by what stands before the number in their files' names."""
    stems = image_stems([path.name for path in paths])
    if timed := numbers_by_time(stems):
        return {"": (timed, paths)}
    clips: dict[str, list[tuple[int, Path]]] = {}
    for stem, path in zip(stems, paths, strict=True):
        if part := split_number(stem):
            clips.setdefault(part[0], []).append((part[1], path))
    return {
        prefix: (ImageNumbers(tuple(n for n, _ in files)), [path for _, path in files])
        for prefix, files in clips.items()
    }


class OpenPoseReader(PeopleReader):
    """OpenPose's JSON files.

    ``--skeleton hands42`` takes both hands of each person, ``hand21`` every hand for itself;
    25 joints are BODY_25 or, where the first clip's geometry says so, BODY_25B.
    """

    name = "openpose"
    description = "OpenPose: folders of one JSON file per frame (BODY_25, BODY_25B, COCO, hands)"

    def find(self) -> list[Source]:
        """One clip per folder of numbered files."""
        return frame_folders(self)

    def load(self, source: Source) -> Recording:
        """Read all frames of one clip."""
        wanted = self.skeleton or None
        frames: list[list[np.ndarray]] = [[] for _ in range(source.num_frames)]
        ids: list[list[int]] = [[] for _ in frames]
        for position, path in zip(source.frames, source.paths, strict=True):
            for number, person in enumerate(_people(path)):
                for pose in _poses(person, wanted, f"{path}, person {number}"):
                    frames[position].append(pose)
                    ids[position].append(_id(person))
        # OpenPose writes -1 unless it tracks people, and a hand is no person.
        known = wanted != "hand21" and all(i >= 0 for row in ids for i in row)
        people = gather(frames, source.name, ids if known else None)
        return Recording(
            people,
            fps=source.fps,
            skeleton=_skeleton(people.poses, wanted),
            notes=source.notes,
            start=source.start,
        )


def _people(path: Path) -> list[dict[str, Any]]:
    content = read_json(path)
    people = content.get("people") if isinstance(content, dict) else None
    if not isinstance(people, list) or not all(isinstance(p, dict) for p in people):
        raise InputError(f"{path}: has no list 'people', expected OpenPose's JSON; write it again")
    return people


def _id(person: dict[str, Any]) -> int:
    number = person.get("person_id", -1)
    number = number[0] if isinstance(number, list) and number else number
    return number if type(number) is int and abs(number) < 2**31 else -1


def _poses(person: dict[str, Any], skeleton: str | None, source: str) -> list[np.ndarray]:
    """The body, both hands together, or each hand, as the skeleton wants it."""
    body = next((person[key] for key in _BODY if person.get(key)), None)
    hands = [person.get(key) or None for key in _HANDS]
    if skeleton == "hand21":
        return [to_pose(hand, source) for hand in hands if hand is not None]
    if skeleton == "hands42" or (skeleton is None and body is None):
        if hands == [None, None]:
            return []
        both = [np.zeros((21, 3)) if hand is None else to_pose(hand, source) for hand in hands]
        return [np.concatenate(both)]
    return [] if body is None else [to_pose(body, source)]


def _skeleton(poses: np.ndarray, wanted: str | None) -> str | None:
    """BODY_25 or BODY_25B, which have equally many joints.

    Joint 8 of BODY_25 is the mid hip, which OpenPose places between the hips 9 and 12. In
    BODY_25B the three are an elbow, a wrist and a hip.
    """
    if wanted is not None or poses.shape[1] != 25:
        return wanted
    body = poses[(poses[:, [8, 9, 12], 2] > 0).all(axis=1)]
    if not len(body):
        return "body25"
    off = np.linalg.norm(body[:, 8, :2] - (body[:, 9, :2] + body[:, 12, :2]) / 2, axis=1)
    there = body[..., 2:] > 0
    size = np.where(there, body[..., :2], -np.inf).max(1) - np.where(
        there, body[..., :2], np.inf
    ).min(1)
    return "body25b" if np.median(off / np.linalg.norm(size, axis=1).clip(1)) > 0.05 else "body25"
