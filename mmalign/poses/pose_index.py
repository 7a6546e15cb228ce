"""The index of a prepared data set: a folder with ``index.json`` and ``poses/*.npz``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields
from pathlib import Path, PurePosixPath
from typing import Any

from mmalign.errors import InputError
from mmalign.fileio import write_json

FORMAT = "mmalign-poses"
VERSION = 1
INDEX_NAME = "index.json"
SPLITS = ("train", "val")


@dataclass(frozen=True)
class SequenceEntry:
    """What the index says of one sequence.

    Attributes:
        id: Its name in the data set.
        file: Its pose file, relative to the data set's folder.
        split: ``train`` or ``val``.
        action: The activity it shows.
        num_frames: Number of frames in the pose file.
        fps: Frames per second.
        labelled: Whether the pose file has phase labels.
        source: The video it is from.
        video: Its video file or folder of images, relative to the data set's folder, or None.
        depth: Its folder of depth images, relative to the data set's folder, or None.
        video_start: Number of the frame of ``video`` and ``depth`` that is the poses' first.
    """

    id: str
    file: str
    split: str
    action: str
    num_frames: int
    fps: float
    labelled: bool
    source: str
    video: str | None = None
    depth: str | None = None
    video_start: int = 0


SOURCES = tuple(one.name for one in fields(SequenceEntry) if one.default is None)
"""What an entry can name beside its poses: files or folders with pictures of it."""


@dataclass
class PoseIndex:
    """A prepared data set.

    Attributes:
        skeleton: Name of the skeleton of all sequences.
        source: Where the data come from, for people.
        actions: Per action a mapping whose ``phases`` lists the names of its phases (empty
            without labels).
        sequences: All sequences, in annotation order within an action and split.
    """

    skeleton: str
    source: str
    actions: dict[str, dict[str, Any]] = field(default_factory=dict)
    sequences: list[SequenceEntry] = field(default_factory=list)


def read_index(root: str | Path) -> PoseIndex:
    """Read and check the index of the data set in the folder ``root``.

    Raises:
        InputError: If the folder or its index is missing, damaged or of another format.
    """
    if str(root) == "":
        raise InputError(
            "data_root: none given; name the folder of a prepared data set by --data-root (what"
            " makes one of your poses or videos: `mmalign data convert`, `mmalign extract-poses`)"
        )
    path = Path(root) / INDEX_NAME
    if not path.is_file():
        what = "no such folder" if not Path(root).is_dir() else f"the folder has no {INDEX_NAME}"
        raise InputError(
            f"{root}: {what}; expected a prepared data set; check the path, or make one: of poses "
            f"by `mmalign data convert FORMAT SRC --out {root}`, of videos by `mmalign "
            "extract-poses` (FORMAT penn_action takes Penn Action's annotations from "
            "https://dreamdragon.github.io/PennAction/)"
        )
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{path}: no readable JSON ({error}); prepare the data again") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise InputError(f"{path}: not an index of format {FORMAT!r}; prepare the data again")
    if content.get("version") != VERSION:
        raise InputError(
            f"{path}: version {content.get('version')!r} of the format, expected {VERSION}; "
            "prepare the data again with this release"
        )
    _check_type(content, {"skeleton": str, "source": str, "actions": dict, "sequences": list}, path)
    for action, facts in content["actions"].items():
        if not isinstance(facts, dict) or not isinstance(facts.get("phases", []), list):
            raise InputError(
                f"{path}, action {action!r}: found {facts!r:.60}, expected {{'phases': [names]}}; "
                "prepare the data again"
            )
    return PoseIndex(
        skeleton=content["skeleton"],
        source=content["source"],
        actions=content["actions"],
        sequences=[_entry(item, i, path) for i, item in enumerate(content["sequences"])],
    )


def write_index(root: str | Path, index: PoseIndex) -> None:
    """Write the index into the folder ``root``, atomically."""
    content = {"format": FORMAT, "version": VERSION, **asdict(index)}
    for item in content["sequences"]:
        for key, default in _OPTIONAL.items():
            if item[key] == default:
                del item[key]
    write_json(Path(root) / INDEX_NAME, content)


_ENTRY_TYPES: dict[str, type | tuple[type, ...]] = {
    "id": str,
    "file": str,
    "split": str,
    "action": str,
    "num_frames": int,
    "fps": (int, float),
    "labelled": bool,
    "source": str,
}
_OPTIONAL: dict[str, str | int | None] = {
    one.name: one.default for one in fields(SequenceEntry) if one.default is not MISSING
}


def _entry(item: Any, position: int, path: Path) -> SequenceEntry:
    where = f"{path}, sequence {position}"
    if not isinstance(item, dict):
        raise InputError(f"{where}: found {type(item).__name__}, expected an object")
    _check_type(item, _ENTRY_TYPES, where)
    if item["split"] not in SPLITS:
        raise InputError(f"{where}: split {item['split']!r}, expected one of {', '.join(SPLITS)}")
    if not 1 <= item["num_frames"] < 2**31 or not 0 < item["fps"] <= 1e6:
        raise InputError(
            f"{where}: num_frames is {item['num_frames']!r:.20}, fps {item['fps']!r:.20}, expected "
            "a positive number of frames and a rate above 0; prepare the data again"
        )
    item = {**_OPTIONAL, **item}
    start = item["video_start"]
    if type(start) is not int or not 0 <= start < 2**31:
        raise InputError(f"{where}: video_start is {start!r:.60}, expected a frame's number")
    for key in ("file", *SOURCES):
        if item[key] is None:
            continue
        if not isinstance(item[key], str):
            raise InputError(f"{where}: {key!r} is {item[key]!r:.60}, expected str")
        file = PurePosixPath(item[key])
        if file.is_absolute() or ".." in file.parts:
            raise InputError(f"{where}: {key} {item[key]!r} lies outside the data set's folder")
    return SequenceEntry(**{f.name: item[f.name] for f in fields(SequenceEntry)})


def fill_pattern(name: str, pattern: str, entry: SequenceEntry) -> str:
    """A path of a sequence from a pattern such as ``frames/{id}``.

    Args:
        name: What the pattern is called, for the error.
        pattern: It may name ``{id}``, ``{source}``, ``{action}`` and ``{split}``.
        entry: The sequence.

    Raises:
        InputError: If the pattern names anything else.
    """
    names = {key: getattr(entry, key) for key in ("id", "source", "action", "split")}
    try:
        return pattern.format_map(names)
    except (KeyError, ValueError, IndexError, AttributeError) as error:
        raise InputError(
            f"{name} is {pattern!r}, expected a path with no other names in braces than"
            f" {', '.join(names)}"
        ) from error


def _check_type(content: dict[str, Any], types: Mapping[str, Any], where: object) -> None:
    for key, kind in types.items():
        if key not in content:
            raise InputError(f"{where}: lacks {key!r}; prepare the data again")
        value = content[key]
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise InputError(
                f"{where}: {key!r} is {value!r:.60}, expected "
                f"{kind.__name__ if isinstance(kind, type) else 'a number'}; prepare the data again"
            )
