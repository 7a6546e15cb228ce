"""COCO's keypoint annotations, as annotation tools export them for videos.

``{"images": [{"id", "file_name", "width", "height"}], "annotations": [{"image_id", "keypoints":
[x, y, v, …], "track_id"}], "categories": [{"keypoints": [names]}]}``. The images of a folder of
``file_name``, or of one ``video_id`` (``vid_id`` in PoseTrack), are a clip, in the order of
``frame_id`` or of their names. ``v`` is 0 where a joint is not labelled, 1 where it is occluded,
2 where it is visible; fractions are taken for scores.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from mmalign.errors import InputError
from mmalign.formats.image_names import ImageNumbers, base_name, number_images
from mmalign.formats.people_reader import PeopleReader
from mmalign.formats.recordings import (
    Recording,
    gather,
    natural_key,
    read_json,
    stated_rate,
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
        content, where = self._content(path), f"{path}, {source.name}"
        images, numbers = _in_order(content.clips[clip], where)
        found = [content.people.get(str(image["id"]), []) for image in images]
        joints = len(content.names or ())
        frames = [[_pose(person, joints, where) for person in people] for people in found]
        ids = [[_id(person) for person in people] for people in found]
        _score(frames)
        known = all(i >= 0 for row in ids for i in row)
        names = None if self.chosen_skeleton else content.names
        return Recording(
            gather(frames, source.name, ids if known else None),
            frame_size=_size(images[0]),
            fps=numbers.fps or content.fps,
            skeleton=skeleton_of(len(names), names, str(path)) if names else None,
            notes=tuple(note for note in (content.note, numbers.note) if note),
            start=numbers.numbers[0] if numbers.counted else None,
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
    people: dict[str, list[dict[str, Any]]]
    names: list[str] | None
    note: str = ""
    fps: float | None = None


def _content(content: Any, source: str) -> _Content:
    try:
        clips: dict[str, list[dict[str, Any]]] = {}
        for image in content["images"]:
            hash(image["id"])
            base_name(image.get("file_name", ""))
            clips.setdefault(_clip(image), []).append(image)
        # Some tools write the ids of images as text in one of the two lists.
        known = {str(image["id"]) for images in clips.values() for image in images}
        people: dict[str, list[dict[str, Any]]] = {}
        with_joints = [person for person in content["annotations"] if person.get("keypoints")]
        names, chosen, note = _category(content.get("categories", []), with_joints)
        for person in chosen:
            people.setdefault(str(person["image_id"]), []).append(person)
        if not clips:
            raise ValueError("no image")
        if people and not known & people.keys():
            first = next(iter(people))
            raise ValueError(f"no annotation is of an image: image_id {first}, no such id")
        if names is not None and not all(isinstance(name, str) for name in names):
            raise TypeError("a joint's name is no text")
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise InputError(
            f"{source}: not COCO's keypoints ({type(error).__name__}: {error}), expected an object "
            "with images and annotations (a bare list of results is AlphaPose's form: use "
            "alphapose); export it again"
        ) from error
    info = content.get("info")
    rate = info.get("fps") if isinstance(info, dict) else None
    return _Content(clips, people, names, note, stated_rate(rate, source))


def _category(
    categories: list[dict[str, Any]], people: list[dict[str, Any]]
) -> tuple[list[str] | None, list[dict[str, Any]], str]:
    """The category that most people are of: its joints, its people, and what was left out."""
    sizes = Counter(str(person.get("category_id")) for person in people)
    of_id = {str(category.get("id")): category for category in categories}
    with_joints = [category for category in categories if category.get("keypoints")]
    chosen = next((name for name, _ in sizes.most_common() if name in of_id), None)
    if chosen is None:
        return with_joints[0]["keypoints"] if with_joints else None, people, ""
    others = sorted({str(of_id.get(n, {}).get("name", n)) for n in sizes if n != chosen})
    note = f"annotations of {', '.join(others):.80} were not used" if others else ""
    mine = [person for person in people if str(person.get("category_id")) == chosen]
    return of_id[chosen].get("keypoints") or None, mine, note


def _clip(image: dict[str, Any]) -> str:
    for key in ("video_id", "vid_id"):
        if isinstance(image.get(key), (int, str)):
            return str(image[key])
    name = image.get("file_name", "").replace("\\", "/")
    return PurePosixPath(name).parent.as_posix().strip("./") or "images"


def _in_order(
    images: list[dict[str, Any]], source: str
) -> tuple[list[dict[str, Any]], ImageNumbers]:
    """The images of a clip by ``frame_id``, else by their names, else by their ids.

    Returns:
        The images, and their numbers, which count a video's frames if none is left out.
    """
    frame_ids = [image.get("frame_id") for image in images]
    names = [image.get("file_name", "") for image in images]
    ids = [image["id"] for image in images]
    if _all_different(frame_ids):
        found = ImageNumbers(tuple(int(number or 0) for number in frame_ids))
    elif len(set(names)) < len(names) and any(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise InputError(
            f"{source}: found {twice!r:.80} twice without a frame_id, expected every image once; "
            "if these are several videos export them with video_id, or with folders in the names"
        )
    elif any(names) and (by_name := number_images(names, source)):
        found = by_name
    elif _all_different(ids):
        found = ImageNumbers(tuple(ids), note="images were ordered by their ids", counted=False)
    else:
        ranks = {name: rank for rank, name in enumerate(sorted(names, key=natural_key))}
        note = "images were ordered by their names, which have no numbers at the end"
        found = ImageNumbers(tuple(ranks[name] for name in names), note=note, counted=False)
    order = sorted(range(len(images)), key=found.numbers.__getitem__)
    numbers = tuple(found.numbers[i] for i in order)
    whole = numbers[-1] - numbers[0] == len(numbers) - 1
    found = replace(found, numbers=numbers, counted=found.counted and whole)
    return [images[i] for i in order], found


def _all_different(values: list[Any]) -> bool:
    whole = all(type(v) in (int, float) and abs(v) < 2**53 and v % 1 == 0 for v in values)
    return whole and len(set(values)) == len(values)


def _pose(person: dict[str, Any], joints: int, source: str) -> np.ndarray:
    """One person's joints; with two numbers a joint, no joint has a visibility."""
    values = person["keypoints"]
    if isinstance(values, list) and joints and len(values) == 2 * joints:
        pose = to_pose(values, source, columns=2)
        return np.concatenate([pose, 2 * pose.any(axis=1, keepdims=True)], axis=1)
    return to_pose(values, source)


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
