"""Executions that several cameras saw at once."""

from __future__ import annotations

from pathlib import Path

from mmalign.poses.pose_file import PoseSequence, read_pose_file
from mmalign.poses.pose_index import read_index
from mmalign.poses.processing import resample_sequence

FPS = 30.0
"""Frames per second to which they are brought."""


def executions_seen(root: str | Path, split: str) -> list[list[PoseSequence]]:
    """The views of each execution of a split that at least two cameras saw, at :data:`FPS`.

    Args:
        root: Folder of a prepared data set whose sequences are called ``EXECUTION_CAMERA``.
        split: ``train`` or ``val``.
    """
    found: dict[str, list[PoseSequence]] = {}
    for entry in read_index(root).sequences:
        if entry.split == split:
            poses = resample_sequence(read_pose_file(Path(root, entry.file)), FPS)
            found.setdefault(entry.id.rsplit("_", 1)[0], []).append(poses)
    return [views for views in found.values() if len(views) > 1]
