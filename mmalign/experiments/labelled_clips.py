"""The labelled clips of one action in a prepared data set."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from mmalign.errors import InputError
from mmalign.poses.pose_file import PoseSequence, read_pose_file
from mmalign.poses.pose_index import SequenceEntry, read_index

Features = tuple[list[np.ndarray], list[np.ndarray]]
"""Per clip its features ``(T, D)`` and its labels ``(T,)``."""


def labelled_entries(root: str | Path, action: str, split: str) -> list[SequenceEntry]:
    """The index's entries of an action and split that have phase labels, in annotation order.

    Args:
        root: Folder of the data set.
        action: Its name in the index.
        split: ``train`` or ``val``.

    Raises:
        InputError: If there is none, or the index cannot be read.
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
    return entries


def labelled_clips(root: str | Path, action: str, split: str) -> list[PoseSequence]:
    """Read the clips of :func:`labelled_entries`, whose arguments it has.

    Raises:
        InputError: If there is none, or the index or a pose file cannot be read.
    """
    entries = labelled_entries(root, action, split)
    return [read_pose_file(Path(root, entry.file)) for entry in entries]


def labelled_features(
    root: str | Path, action: str, split: str, embed: Callable[[PoseSequence, float], np.ndarray]
) -> Features:
    """Features and labels of the clips of :func:`labelled_clips`.

    Args:
        root: Folder of the data set.
        action: Its name in the index.
        split: ``train`` or ``val``.
        embed: Gives the features ``(T, D)`` of a clip and its rate, frames per second.

    Raises:
        InputError: As of :func:`labelled_clips`, or if a pose file lacks the labels that the index
            says it has.
    """
    features, labels = [], []
    for entry in labelled_entries(root, action, split):
        file = Path(root, entry.file)
        clip = read_pose_file(file)
        if clip.labels is None:
            raise InputError(
                f"{file}: found no labels, expected those that the index says it has; prepare the "
                "data again"
            )
        features.append(embed(clip, clip.fps))
        labels.append(clip.labels)
    return features, labels


def training_and_validation_features(
    root: str | Path, action: str, embed: Callable[[PoseSequence, float], np.ndarray]
) -> tuple[Features, Features]:
    """The :func:`labelled_features` of both splits, whose arguments and errors it has."""
    return (
        labelled_features(root, action, "train", embed),
        labelled_features(root, action, "val", embed),
    )
