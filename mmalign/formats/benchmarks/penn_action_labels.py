"""The alignment benchmark's phase labels of Penn Action: ``phase_labels/ACTION_SPLIT.json``.

Dwibedi et al., Temporal Cycle-Consistency Learning, CVPR 2019, and CASA.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from mmalign.errors import InputError
from mmalign.formats.benchmarks.penn_action_files import (
    canonical_action,
    list_files,
    not_allowed,
)
from mmalign.poses.pose_index import SPLITS

Labels = dict[str, dict[str, dict[str, np.ndarray]]]
"""``{action: {split: {video: (T,) int64 phases}}}``, videos in annotation order."""

_MOST_PHASES = 1000


def read_all_labels(folder: str | Path) -> Labels:
    """Read whatever label files a folder has; none if there is no folder.

    Raises:
        InputError: If the folder cannot be listed, a file's name or content is not as expected, or
            two files say of one video in which split it is.
    """
    labels: Labels = {}
    for path in list_files(Path(folder), ".json"):
        action, _, split = path.stem.rpartition("_")
        if not action or split not in SPLITS:
            raise InputError(f"{path}: expected a name like golf_swing_train.json; rename the file")
        splits = labels.setdefault(canonical_action(action), {})
        if split in splits:
            raise InputError(
                f"{path}: {split} of {canonical_action(action)} has another file, in the action's"
                " other spelling; delete one of them"
            )
        splits[split] = read_phase_labels(path)
        twice = [video for other in splits if other != split for video in splits[other]]
        if twice := sorted(set(twice) & set(splits[split])):
            raise InputError(
                f"{path}: video {twice[0]} ({len(twice)} in all) is labelled in the other split"
                " too, expected each in one; delete it from one of the two files"
            )
    return labels


def phase_names(splits: dict[str, dict[str, np.ndarray]]) -> list[str]:
    """Names of the phases of one action: as many as its labels count up to."""
    highest = max(
        (int(phases.max()) for videos in splits.values() for phases in videos.values()), default=-1
    )
    return [f"phase {i}" for i in range(highest + 1)]


def read_phase_labels(path: str | Path) -> dict[str, np.ndarray]:
    """Read one ``phase_labels/ACTION_SPLIT.json``: the phase of every frame of every video.

    Returns:
        ``{video: (T,) int64}`` in the file's order, which is the benchmark's annotation order.

    Raises:
        InputError: If the file is not a mapping from videos to non-empty lists of phases from 0 to
            999, or names a video twice.
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise not_allowed(Path(path), error) from error
    except ValueError as error:
        raise InputError(f"{path}: no UTF-8 text ({error}); download the file again") from error
    try:
        content: Any = json.loads(text, object_pairs_hook=lambda pairs: _no_twice(path, pairs))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: no readable JSON ({error}); download the file again") from error
    if not isinstance(content, dict):
        raise InputError(f"{path}: found {type(content).__name__}, expected {{video: [phases]}}")
    labels = {}
    for video, phases in content.items():
        if not _is_phase_list(phases):
            raise InputError(
                f"{path}, video {video}: expected a list with a phase (0, 1, … below "
                f"{_MOST_PHASES}) for every frame, "
                f"found {phases!r:.60}; correct the file"
            )
        labels[video] = np.array(phases, dtype=np.int64)
    return labels


def _no_twice(path: str | Path, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise InputError(f"{path}: video {twice} stands there twice; delete one of the two")
    return content


def _is_phase_list(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) > 0
        and all(
            isinstance(v, int) and not isinstance(v, bool) and 0 <= v < _MOST_PHASES for v in value
        )
    )
