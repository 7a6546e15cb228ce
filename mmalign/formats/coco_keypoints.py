"""COCO's keypoint annotations, as annotation tools export them for videos.

``{"images": [{"id", "file_name", "width", "height"}], "annotations": [{"image_id", "keypoints":
[x, y, v, …], "track_id"}], "categories": [{"keypoints": [names]}]}``. The images of a folder of
``file_name``, or of one ``video_id`` (``vid_id`` in PoseTrack), are a clip, in the order of
``frame_id`` or of their names. ``v`` is 0 where a joint is not labelled, 1 where it is occluded,
2 where it is visible; fractions are taken for scores.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from mmalign.errors import InputError
from mmalign.formats.people_reader import PeopleReader
from mmalign.formats.recordings import (
    Recording,
    gather,
    natural_key,
    read_json,
    to_pose,
)
from mmalign.formats.sources import Source, find_files
from mmalign.skeletons.joint_sets import skeleton_of

OCCLUDED_SCORE = 0.5
"""Score of a joint that is labelled though it cannot be seen; a visible one has 1."""


class CocoKeypointsReader(PeopleReader):
    """COCO keypoint annotations; a file may hold several clips."""

    name = "coco_keypoints"
    description = "COCO keypoints: images and annotations with keypoints and, if any, track_id"

    def __init__(self, src: str | Path, **options: Any) -> None:
        self._files: dict[str, tuple[Path, str]] = {}
        self._read: tuple[Path, _Content] | None = None
        super().__init__(src, **options)

    def find(self) -> list[Source]:
        """One clip per video or folder of images in every file."""
        sources = []
        paths = find_files(self.src, self.suffixes)
        for path in paths:
            clips = sorted(self._content(path).clips, key=natural_key)
            folder, _, stem = self.name_of(path).rpartition("/")
            for clip in clips:
                name = stem if len(clips) == 1 else clip if len(paths) == 1 else f"{stem}_{clip}"
                name = f"{folder}/{name}" if folder else name
                self._files[name] = path, clip
                sources.append(Source(name, (path,)))
        return sources

    def load(self, source: Source) -> Recording:
        """Read one clip."""
        path, clip = self._files[source.name]
        content = self._content(path)
        images = sorted(content.clips[clip], key=_order)
        found = [content.people.get(image["id"], []) for image in images]
        where = f"{path}, {source.name}"
        frames = [[to_pose(person["keypoints"], where) for person in people] for people in found]
        ids = [[_id(person) for person in people] for people in found]
        _score(frames)
        known = all(i >= 0 for row in ids for i in row)
        names = None if self.chosen_skeleton else content.names
        return Recording(
            gather(frames, source.name, ids if known else None),
            frame_size=_size(images[0]),
            skeleton=skeleton_of(len(names), names, str(path)) if names else None,
        )

    def _content(self, path: Path) -> _Content:
        """The file's content; the last one is kept, since it may hold many clips."""
        if self._read is None or self._read[0] != path:
            self._read = path, _content(read_json(path), str(path))
        return self._read[1]


@dataclass
class _Content:
    """The images of each clip, the people of each image and the names of the joints."""

    clips: dict[str, list[dict[str, Any]]]
    people: dict[Any, list[dict[str, Any]]]
    names: list[str] | None


def _content(content: Any, source: str) -> _Content:
    try:
        clips: dict[str, list[dict[str, Any]]] = {}
        for image in content["images"]:
            hash(image["id"])
            natural_key(image.get("file_name", ""))
            clips.setdefault(_clip(image), []).append(image)
        people: dict[Any, list[dict[str, Any]]] = {}
        for person in content["annotations"]:
            if person.get("keypoints"):
                people.setdefault(person["image_id"], []).append(person)
        categories = content.get("categories", [])
        names = next((c["keypoints"] for c in categories if c.get("keypoints")), None)
        if not clips:
            raise ValueError("no image")
        if names is not None and not all(isinstance(name, str) for name in names):
            raise TypeError("a joint's name is no text")
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise InputError(
            f"{source}: not COCO's keypoints ({type(error).__name__}: {error}), expected an object "
            "with images and annotations (a bare list of results is AlphaPose's form: use "
            "alphapose); export it again"
        ) from error
    return _Content(clips, people, names)


def _clip(image: dict[str, Any]) -> str:
    for key in ("video_id", "vid_id"):
        if isinstance(image.get(key), (int, str)):
            return str(image[key])
    return PurePosixPath(image.get("file_name", "")).parent.as_posix().strip("./") or "images"


def _order(image: dict[str, Any]) -> tuple[float, list[tuple[int, str]]]:
    frame = image.get("frame_id")
    place = float(frame) if isinstance(frame, (int, float)) and abs(frame) < 2**53 else 0.0
    return place, natural_key(image.get("file_name", ""))


def _id(person: dict[str, Any]) -> int:
    # CVAT puts what it does not know under attributes.
    attributes = person.get("attributes")
    track = person.get("track_id")
    if track is None and isinstance(attributes, dict):
        track = attributes.get("track_id")
    return track if type(track) is int and 0 <= track < 2**31 else -1


def _size(image: dict[str, Any]) -> tuple[int, int] | None:
    height, width = image.get("height"), image.get("width")
    if type(height) is int and type(width) is int and 0 < min(height, width):
        return min(height, 10**6), min(width, 10**6)
    return None


def _score(frames: list[list[np.ndarray]]) -> None:
    """Turn visibilities into scores, unless the file has scores already."""
    marks = np.array([v for frame in frames for pose in frame for v in pose[:, 2]])
    if np.isin(marks, (0, 1, 2)).all() and (marks == 2).any():
        for frame in frames:
            for pose in frame:
                pose[:, 2] = np.choose(pose[:, 2].astype(int), (0, OCCLUDED_SCORE, 1))
