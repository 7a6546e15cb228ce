"""MMPose's predictions: ``MMPoseInferencer(pred_out_dir=...)`` and the demo scripts.

The inferencer writes ``NAME.json`` for a video: ``[{"frame_id", "instances": [{"keypoints":
[[x, y], …], "keypoint_scores": […]}]}]``; and one file per image with the bare list of instances,
where a folder of numbered images is a clip. The demo scripts put either list under
``instance_info``, beside a ``meta_info`` that names the joints.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mmalign.errors import InputError
from mmalign.formats.openpose import frame_folders
from mmalign.formats.people_reader import PeopleReader
from mmalign.formats.recordings import (
    Recording,
    frame_positions,
    gather,
    read_json,
    to_pose,
)
from mmalign.formats.sources import Source
from mmalign.skeletons.joint_sets import skeleton_of


class MMPoseReader(PeopleReader):
    """MMPose's JSON predictions of videos, and of folders of images."""

    name = "mmpose"
    description = "MMPose: predictions/*.json of videos, or of a folder of numbered images"

    def find(self) -> list[Source]:
        """One clip per file of a video, one per folder of images' files."""
        sources = super().find()
        for source in sources:
            # A list without people may be either's.
            if content := _content(source.paths[0])[0]:
                return sources if "instances" in content[0] else frame_folders(self)
        return sources if len(sources) == 1 else frame_folders(self)

    def load(self, source: Source) -> Recording:
        """Read one video or one folder of images."""
        names: Sequence[str] | None = None
        start = source.start
        if source.frames:
            frames: list[list[dict[str, Any]]] = [[] for _ in range(source.num_frames)]
            for position, path in zip(source.frames, source.paths, strict=True):
                frames[position], known_names = _content(path)
                names = known_names or names
        else:
            path = source.paths[0]
            content, names = _content(path)
            instances = [_instances(frame, f"{path}, frame {i}") for i, frame in enumerate(content)]
            numbers = [frame.get("frame_id", i) for i, frame in enumerate(content)]
            positions, count = frame_positions(numbers, str(path), self.first_frame)
            stated = any("frame_id" in frame for frame in content)
            start = min(numbers) - int(positions.min()) if stated else None
            frames = [[] for _ in range(count)]
            for position, found in zip(positions, instances, strict=True):
                frames[position] = found
        people = gather(
            [
                [_pose(person, f"{source.name}, frame {i}") for person in frame]
                for i, frame in enumerate(frames)
            ],
            source.name,
        )
        known = (
            skeleton_of(len(names), names, source.name)
            if names and not self.chosen_skeleton
            else None
        )
        return Recording(people, fps=source.fps, skeleton=known, notes=source.notes, start=start)


def _content(path: Path) -> tuple[list[dict[str, Any]], Sequence[str] | None]:
    """The list in a file, and the names of the joints where it has them."""
    content, names = read_json(path), None
    if isinstance(content, dict):
        meta, content = content.get("meta_info"), content.get("instance_info")
        names = _names(meta.get("keypoint_id2name")) if isinstance(meta, dict) else None
    if not isinstance(content, list) or not all(isinstance(item, dict) for item in content):
        raise InputError(
            f"{path}: found {type(content).__name__}, expected a list of frames or of people, as "
            "MMPose's inferencer writes them; write it again with pred_out_dir"
        )
    return content, names


def _names(table: Any) -> list[str] | None:
    """Joint names of ``{"0": "nose", …}`` in order."""
    if not isinstance(table, dict) or set(table) != {str(i) for i in range(len(table))}:
        return None
    names = [table[str(i)] for i in range(len(table))]
    return names if all(isinstance(name, str) for name in names) else None


def _instances(frame: dict[str, Any], source: str) -> list[dict[str, Any]]:
    instances = frame.get("instances")
    if not isinstance(instances, list) or not all(isinstance(i, dict) for i in instances):
        raise InputError(f"{source}: has no list 'instances'; write the file again")
    return instances


def _pose(person: dict[str, Any], source: str) -> np.ndarray:
    points = to_pose(person.get("keypoints"), f"{source}, keypoints", columns=2)
    if person.get("keypoint_scores") is None:
        return np.concatenate([points, points.any(axis=1, keepdims=True)], axis=1)
    scores = to_pose(person["keypoint_scores"], f"{source}, keypoint_scores", columns=1)
    if len(points) != len(scores):
        raise InputError(
            f"{source}: {len(points)} keypoints with x and y, {len(scores)} keypoint_scores, "
            "expected as many of both; write the predictions of a 2D model"
        )
    return np.concatenate([points, scores], axis=1)
