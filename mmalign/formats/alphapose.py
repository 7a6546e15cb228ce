"""AlphaPose's ``alphapose-results.json`` in each of its forms; one file is one clip.

By default a list with one entry per person and image, ``{"image_id": "12.jpg", "keypoints":
[x, y, score, …], "score", "idx"}``; with ``--format cmu`` or ``open`` an object that maps images to
``{"bodies": [{"joints"}]}`` or ``{"people": [{"pose_keypoints_2d"}]}`` (COCO-18); after PoseFlow
one that maps images to lists of ``{"keypoints", "idx"}``. See AlphaPose's ``docs/output.md``.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

from mmalign.errors import InputError
from mmalign.formats.image_names import ImageNumbers, base_name, number_images
from mmalign.formats.people_reader import PeopleReader
from mmalign.formats.recordings import (
    Recording,
    first_number,
    frame_positions,
    gather,
    natural_key,
    read_json,
    to_pose,
)
from mmalign.formats.sources import Source

_USUAL_NAME = "alphapose-results"
# What AlphaPose calls the pictures of a video, from 0.jpg on.
_OWN_NAME = re.compile(r"(0|[1-9]\d{0,14})\.(jpg|png)")
_KEYS = ("keypoints", "joints", "pose_keypoints_2d")


class AlphaPoseReader(PeopleReader):
    """AlphaPose's results of a video or a folder of images, whose names end in their number.

    Images without anybody are not in the file: the clip ends with the last person. ``idx`` numbers
    people where AlphaPose tracked them.
    """

    name = "alphapose"
    description = "AlphaPose: alphapose-results.json (COCO-17, Halpe-26, Halpe-136, COCO-18)"

    def name_of(self, path: Path) -> str:
        """The clip's name: its folder's, where the file has the name that AlphaPose gives all."""
        name = super().name_of(path)
        head, _, stem = name.rpartition("/")
        if stem != _USUAL_NAME:
            return name
        return head or path.resolve().parent.name or name

    def load(self, source: Source) -> Recording:
        """Read one results file."""
        path = source.paths[0]
        images = _by_image(read_json(path), str(path))
        found = _numbers(list(images), str(path))
        start, counts = self.first_frame, Counter[str]()
        base = 0 if all(map(_OWN_NAME.fullmatch, map(base_name, images))) else None
        if found.counted and start is None:
            start = first_number(found.numbers, base, counts)
        positions, count = frame_positions(found.numbers, str(path), start)
        frames: list[list[Any]] = [[] for _ in range(count)]
        ids: list[list[int]] = [[] for _ in frames]
        for image, position in zip(images, positions, strict=True):
            for person in images[image]:
                pose = next((person[key] for key in _KEYS if key in person), None)
                frames[position].append(to_pose(pose, f"{path}, image {image}"))
                ids[position].append(_id(person.get("idx")))
        known = all(i >= 0 for row in ids for i in row)
        if found.counted and images:
            start = min(found.numbers) - int(positions.min())
        return Recording(
            gather(frames, source.name, ids if known else None),
            fps=found.fps,
            notes=(found.note,) if found.note else (),
            start=start if found.counted else None,
            base=base,
            counts=counts,
        )


def _by_image(content: Any, source: str) -> dict[str, list[dict[str, Any]]]:
    """The people of every image, whatever the form."""
    images: dict[str, list[dict[str, Any]]] = {}
    try:
        if isinstance(content, list):
            for person in content:
                images.setdefault(str(person["image_id"]), []).append(person)
        else:
            for image, people in content.items():
                if isinstance(people, dict):
                    people = people["bodies"] if "bodies" in people else people["people"]
                images[image] = people
        if not all(isinstance(p, dict) for people in images.values() for p in people):
            raise TypeError("a person who is no object")
    except (KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"{source}: not AlphaPose's results ({type(error).__name__}: {error}), expected a list "
            "of people with image_id and keypoints or an object of images; write it again"
        ) from error
    return images


def _numbers(images: list[str], source: str) -> ImageNumbers:
    folders = {image[: len(image) - len(base_name(image))] for image in images}
    if len(folders) > 1:
        raise InputError(
            f"{source}: found images of {len(folders)} folders ({', '.join(sorted(folders)):.80}),"
            " expected one video; split the file"
        )
    if found := number_images(images, source):
        return found
    ranks = {image: rank for rank, image in enumerate(sorted(images, key=natural_key))}
    note = "images were ordered by their names, which have no numbers at the end"
    return ImageNumbers(tuple(ranks[image] for image in images), note=note, counted=False)


def _id(value: Any) -> int:
    # Some versions write the number as a float, or a list of it.
    while isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, (int, float)) and 0 <= value < 2**31:
        return int(value)
    return -1
