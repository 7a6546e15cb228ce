"""Which of H2O's takes to read: by the action files, or by a record of the alignment benchmark."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mmalign.errors import InputError
from mmalign.formats.benchmarks.casa_files import find_records, read_records
from mmalign.formats.benchmarks.h2o_files import ActionSegment, read_action_file

_ACTION_FOLDERS = ("action_labels", "label_split", "")
_TAKE = re.compile(r"(subject\d+)[/_.-]([a-z]\d+)[/_.-](\d+)(?:[/_.-](cam\d))?", re.IGNORECASE)


@dataclass(frozen=True)
class Take:
    """One take to read.

    Attributes:
        path: ``subject1/h1/0``.
        split: ``train`` or ``val``.
        extent: First and last frame; None for all that there are.
        labels: ``(T,)`` int64 phases, or None.
        camera: The camera that the record names; None to take the chosen one.
    """

    path: str
    split: str
    extent: tuple[int, int] | None = None
    labels: np.ndarray | None = None
    camera: str | None = None

    @property
    def name(self) -> str:
        """The take in messages."""
        return self.path


def read_action_folder(src: Path, folder: str | None) -> dict[str, list[ActionSegment]]:
    """Read the action files.

    Args:
        src: The data set; its ``action_labels/`` or ``label_split/`` and itself are looked into.
        folder: Where the files lie instead.

    Returns:
        ``{'train': rows, 'val': rows, 'test': rows}`` of those there are.

    Raises:
        InputError: If a folder that is named has none of them, or a file is damaged.
    """
    places = [Path(folder)] if folder is not None else [src / name for name in _ACTION_FOLDERS]
    for place in places:
        paths = {split: place / f"action_{split}.txt" for split in ("train", "val", "test")}
        found = {split: path for split, path in paths.items() if path.is_file()}
        if found:
            return {split: read_action_file(path) for split, path in found.items()}
    if folder is not None:
        raise InputError(f"{folder}: holds no action_train.txt, expected H2O's action files")
    return {}


def takes_of_action(rows: dict[str, list[ActionSegment]], action: int) -> list[Take]:
    """Takes that hold an action, split as H2O splits them, in the files' order."""
    takes: dict[str, Take] = {}
    for split in ("train", "val"):
        for row in rows.get(split, []):
            if row.label == action:
                takes.setdefault(row.take, Take(row.take, split, row.extent))
    return list(takes.values())


def takes_of_records(
    paths: Iterable[str], rows: dict[str, list[ActionSegment]]
) -> tuple[list[Take], int]:
    """Takes that records name, with the records' split and phase labels, in the records' order.

    Args:
        paths: Records named ``ACTION_train.npy`` and ``ACTION_val.npy``, or folders of them.
        rows: Action files, for the first and last frames of the takes.

    Returns:
        The takes and the number of phases.

    Raises:
        InputError: If a record cannot be read or a name in it is not understood.
    """
    extents = {row.take: row.extent for of_split in rows.values() for row in of_split}
    takes = []
    phases = 0
    for file in find_records([Path(path) for path in paths]):
        for record in read_records(file.path):
            match = _TAKE.fullmatch(record.video.strip("/"))
            if match is None:
                raise InputError(
                    f"{file.path}: a video is called {record.video!r}, expected a name like "
                    "'subject1/h1/0' or 'subject1_h1_0_cam4'; rename the keys of the record"
                )
            path = "/".join(match.groups()[:3]).lower()
            camera = match[4] and match[4].lower()
            takes.append(Take(path, file.split, extents.get(path), record.labels, camera))
            phases = max(phases, int(record.labels.max()) + 1)
    return takes, phases
