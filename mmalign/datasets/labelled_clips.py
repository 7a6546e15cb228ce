"""The labelled clips of one action in a prepared data set."""

from __future__ import annotations

from pathlib import Path

from mmalign.datasets.pose_file import PoseSequence, read_pose_file
from mmalign.datasets.pose_index import read_index
from mmalign.errors import InputError


def labelled_clips(root: str | Path, action: str, split: str) -> list[PoseSequence]:
    """Read the clips of an action and split that have phase labels, in annotation order.

    Args:
        root: Folder of the data set.
        action: Its name in the index.
        split: ``train`` or ``val``.

    Raises:
        InputError: If there is none, or the index or a pose file cannot be read.
    """
    entries = [
        entry
        for entry in read_index(root).sequences
        if (entry.action, entry.split) == (action, split) and entry.labelled
    ]
    if not entries:
        raise InputError(
            f"{root}: found no labelled {split} clip of {action!r}, expected at least one; "
            "`mmalign data check` lists what is there"
        )
    return [read_pose_file(Path(root, entry.file)) for entry in entries]
