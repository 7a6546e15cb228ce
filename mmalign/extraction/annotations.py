"""What is known of single videos beforehand: split, action, phases.

Either a CSV file with the columns ``video`` and, as far as wanted, ``split``, ``action`` and
``labels`` (the phase of each picture, numbers with spaces between); or a JSON file ``{"videos":
{NAME: {"split": …, "action": …, "labels": […]}}, "phases": {ACTION: [NAME OF PHASE 0, …]}}``.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from mmalign.errors import InputError
from mmalign.formats.recordings import read_json
from mmalign.poses.pose_index import SPLITS

_KEYS = ("split", "action", "labels")


@dataclass(frozen=True)
class VideoAnnotation:
    """What is known of one video; None where it is not.

    Attributes:
        split: ``train`` or ``val``.
        action: The activity it shows.
        labels: Phase of each of its pictures.
    """

    split: str | None = None
    action: str | None = None
    labels: tuple[int, ...] | None = None


@dataclass
class Annotations:
    """What is known of videos.

    Attributes:
        source: The file it is from.
        videos: By the name of the video: its path below the folder that was given, or the file's
            name, each with or without suffix.
        phases: Per action the names of its phases.
    """

    source: str = ""
    videos: dict[str, VideoAnnotation] = field(default_factory=dict)
    phases: dict[str, list[str]] = field(default_factory=dict)
    _used: set[str] = field(default_factory=set)

    def of(self, name: str) -> VideoAnnotation:
        """What is known of the video with this path below its folder."""
        path = PurePosixPath(name)
        for key in (name, path.with_suffix("").as_posix(), path.name, path.stem):
            if key in self.videos:
                self._used.add(key)
                return self.videos[key]
        return VideoAnnotation()

    def require_used(self) -> None:
        """Check that every annotation was asked for.

        Raises:
            InputError: If one is of no video: then its name is probably misspelt.
        """
        unused = [name for name in self.videos if name not in self._used]
        if unused:
            raise InputError(
                f"{self.source}: {len(unused)} of its {len(self.videos)} entries are of no video"
                f" that was given ({', '.join(unused[:3])}); correct the names"
            )


def read_annotations(path: str | Path) -> Annotations:
    """Read a CSV or JSON file.

    Raises:
        InputError: If it is missing or holds something else.
    """
    if Path(path).suffix.lower() == ".json":
        content = read_json(path)
        entries = content.get("videos") if isinstance(content, dict) else None
        if not isinstance(entries, dict):
            raise InputError(f'{path}: expected {{"videos": {{NAME: {{…}}}}}}; correct the file')
        phases = _phases(content.get("phases", {}), path)
    else:
        entries, phases = _read_csv(path), {}
    videos = {str(name): _entry(entry, f"{path}, {name}") for name, entry in entries.items()}
    return Annotations(str(path), videos, phases)


def _read_csv(path: str | Path) -> dict[str, Any]:
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as stream:
            rows = csv.DictReader(stream, strict=True)
            columns = rows.fieldnames or []
            if "video" not in columns or set(columns) - {"video", *_KEYS}:
                raise InputError(
                    f"{path}: its columns are {', '.join(columns)[:80]}, expected video and any of"
                    f" {', '.join(_KEYS)}; correct the first line"
                )
            entries: dict[str, Any] = {}
            for row in rows:
                name = row.pop("video")
                if None in row or name in entries:
                    raise InputError(
                        f"{path}, line {rows.line_num}: {name!r} stands there twice or has too many"
                        " columns; correct the line"
                    )
                entries[name] = {key: value for key, value in row.items() if value}
    except (OSError, ValueError, csv.Error) as error:
        raise InputError(f"{path}: no readable CSV ({error}); write the file again") from error
    for entry in entries.values():
        if "labels" in entry:
            words = entry["labels"].split()
            entry["labels"] = [int(w) if w.isdecimal() and len(w) < 9 else w for w in words]
    return entries


def _entry(entry: Any, where: str) -> VideoAnnotation:
    if not isinstance(entry, Mapping) or set(entry) - set(_KEYS):
        raise InputError(f"{where}: found {entry!r:.60}, expected any of {', '.join(_KEYS)}")
    split, action, labels = (entry.get(key) for key in _KEYS)
    if split not in (None, *SPLITS):
        raise InputError(f"{where}: split {split!r:.40}, expected one of {', '.join(SPLITS)}")
    if action is not None and (not isinstance(action, str) or not action.strip()):
        raise InputError(f"{where}: action {action!r:.40}, expected a name; correct it")
    if labels is not None:
        bad = [x for x in labels if type(x) is not int or not 0 <= x <= 1000] if isinstance(
            labels, list
        ) else [labels]  # fmt: skip
        if bad or not labels:
            found = bad[0] if bad else labels
            raise InputError(
                f"{where}: label {found!r:.40}, expected the phase of each picture, from 0 upwards"
            )
    return VideoAnnotation(split, action, None if labels is None else tuple(labels))


def _phases(content: Any, path: str | Path) -> dict[str, list[str]]:
    good = isinstance(content, dict) and all(
        isinstance(names, list) and all(isinstance(name, str) for name in names)
        for names in content.values()
    )
    if not good:
        raise InputError(f"{path}: phases are {content!r:.60}, expected {{ACTION: [names]}}")
    return content
