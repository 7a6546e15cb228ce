"""Ultralytics' YOLO pose: ``save_txt`` labels, and what its results write as JSON and CSV.

``labels/NAME_12.txt`` has a line per person in picture 12, counted from 1: class, box (x, y, width
and height), then x, y and, if there are any, scores of the joints, as shares of the frame; a
person's number may end the line. Pictures without people have no file. ``Results.to_json()`` and
``to_csv()`` give ``{"name", "box", "keypoints": {"x": […], "y": […], "visible": […]}, "track_id"}``
of each person in a picture, in pixels unless they were normalised: one file per picture, or a JSON
list of such lists. (``predictions.json`` of a validation is AlphaPose's form.)
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from mmalign.errors import InputError
from mmalign.formats.openpose import frame_folders
from mmalign.formats.people_reader import PeopleReader
from mmalign.formats.recordings import Recording, gather, read_json, to_pose
from mmalign.formats.sources import Source, find_files
from mmalign.skeletons import get_skeleton
from mmalign.skeletons.joint_sets import DEFAULT_SKELETONS

_Person = tuple[np.ndarray, int]
"""``(K, 3)`` pose and the person's number, -1 where there is none."""
_BOX = 5


class UltralyticsReader(PeopleReader):
    """YOLO's poses: a folder with a file per picture, or one JSON file of a video."""

    name = "ultralytics"
    description = "Ultralytics YOLO pose: labels/*.txt, or its results as JSON or CSV, per picture"
    suffixes = (".txt", ".json", ".csv")

    def find(self) -> list[Source]:
        """One clip per folder of numbered files of one kind, or per JSON file of a video."""
        if self.src.is_file():
            return super().find()
        paths = find_files(self.src, self.suffixes)
        kind = paths[0].suffix
        if kind == ".json" and _is_video(read_json(paths[0])):
            return super().find()
        return frame_folders(self, kind, base=1)

    def load(self, source: Source) -> Recording:
        """Read one clip."""
        if source.frames:
            people: list[list[_Person]] = [[] for _ in range(source.num_frames)]
            for position, path in zip(source.frames, source.paths, strict=True):
                people[position] = self._picture(path)
        else:
            path = source.paths[0]
            content = read_json(path) if path.suffix == ".json" else None
            if content is not None and _is_video(content):
                people = [_of_results(picture, f"{path}, {i}") for i, picture in enumerate(content)]
            else:
                people = [self._picture(path)]
        frames = [[pose for pose, _ in picture] for picture in people]
        ids = [[number for _, number in picture] for picture in people]
        known = all(number >= 0 for row in ids for number in row)
        return Recording(
            gather(frames, source.name, ids if known else None),
            fps=source.fps,
            notes=source.notes,
            start=source.start,
            base=1 if source.frames else None,
            counts=Counter(source.counts),
        )

    def _picture(self, path: Path) -> list[_Person]:
        if path.suffix == ".json":
            return _of_results(read_json(path), str(path))
        if path.suffix == ".csv":
            return _of_results(_rows(path), str(path))
        return _of_lines(path, self.chosen_skeleton)


def _is_video(content: Any) -> bool:
    """Whether it is a list of pictures, each a list of people."""
    return isinstance(content, list) and any(isinstance(item, list) for item in content)


def _of_lines(path: Path, skeleton: str | None) -> list[_Person]:
    try:
        text = path.read_text(encoding="utf-8-sig")
        rows = [
            [float(word) for word in line.split()] for line in text.splitlines() if line.split()
        ]
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: no labels of YOLO ({error}); write it with save_txt") from error
    return [_of_line(row, skeleton, f"{path}, line {i + 1}") for i, row in enumerate(rows)]


def _of_line(row: list[float], skeleton: str | None, source: str) -> _Person:
    count = len(row) - _BOX
    wanted = [get_skeleton(skeleton).num_joints] if skeleton else [*DEFAULT_SKELETONS]
    # Three numbers per joint or two, and a person's number behind them or not.
    for columns in (3, 2):
        for extra in (0, 1):
            if (count - extra) % columns == 0 and (count - extra) // columns in wanted:
                values = np.array(row[_BOX : len(row) - extra]).reshape(-1, columns)
                if columns == 2:
                    values = np.c_[values, values.any(axis=1)]
                return values, int(row[-1]) if extra and 0 <= row[-1] < 2**31 else -1
    raise InputError(
        f"{source}: found {len(row)} numbers, expected {_BOX} of class and box and three per joint "
        "of a known skeleton; name it with --skeleton, or write labels of a pose network"
    )


def _of_results(content: Any, source: str) -> list[_Person]:
    if not isinstance(content, list) or not all(isinstance(item, dict) for item in content):
        raise InputError(
            f"{source}: found {type(content).__name__}, expected a list of people, as Results."
            "to_json() writes; write it again"
        )
    found = []
    for number, item in enumerate(content):
        where, points = f"{source}, person {number}", item.get("keypoints")
        if not isinstance(points, dict):
            raise InputError(f"{where}: has no keypoints; write the results of a pose network")
        columns = [points.get(key) for key in ("x", "y", "visible")]
        parts = [to_pose(part, where, 1) for part in columns if part is not None]
        if len(parts) < 2 or len({len(part) for part in parts}) > 1:
            raise InputError(f"{where}: expected as many x, y and visible; write it again")
        pose = np.concatenate(parts, axis=1)
        if len(parts) == 2:
            pose = np.c_[pose, pose.any(axis=1)]
        track = item.get("track_id")
        whole = isinstance(track, (int, float)) and 0 <= track < 2**31
        found.append((pose, int(track) if whole else -1))
    return found


def _rows(path: Path) -> list[dict[str, Any]]:
    """The people of a CSV, whose cells hold what a JSON file would."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = [dict(row) for row in csv.DictReader(stream)]
        for row in rows:
            # Older releases write Python's quotes.
            row["keypoints"] = json.loads(str(row.get("keypoints")).replace("'", '"'))
            track = row.get("track_id")
            row["track_id"] = float(track) if track else None
    except (OSError, ValueError, csv.Error, RecursionError) as error:
        raise InputError(
            f"{path}: no results of YOLO as CSV ({error}); write them with Results.to_csv()"
        ) from error
    return rows
