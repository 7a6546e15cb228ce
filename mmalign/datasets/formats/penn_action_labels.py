"""The alignment benchmark's phase labels of Penn Action: ``phase_labels/ACTION_SPLIT.json``.

Dwibedi et al., Temporal Cycle-Consistency Learning, CVPR 2019, and CASA.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from mmalign.datasets.formats.penn_action_files import canonical_action
from mmalign.datasets.pose_index import SPLITS
from mmalign.errors import InputError

Labels = dict[str, dict[str, dict[str, np.ndarray]]]
"""``{action: {split: {video: (T,) int64 phases}}}``, videos in annotation order."""


def read_all_labels(folder: str | Path) -> Labels:
    """Read whatever label files a folder has; none if there is no folder.

    Raises:
        InputError: If a file's name or content is not as expected.
    """
    labels: Labels = {}
    for path in sorted(Path(folder).glob("*.json")):
        action, _, split = path.stem.rpartition("_")
        if not action or split not in SPLITS:
            raise InputError(f"{path}: expected a name like golf_swing_train.json; rename the file")
        labels.setdefault(canonical_action(action), {})[split] = read_phase_labels(path)
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
        InputError: If the file is not a mapping from videos to non-empty lists of phases >= 0.
    """
    try:
        content: Any = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{path}: no readable JSON ({error}); download the file again") from error
    if not isinstance(content, dict):
        raise InputError(f"{path}: found {type(content).__name__}, expected {{video: [phases]}}")
    labels = {}
    for video, phases in content.items():
        if not _is_phase_list(phases):
            raise InputError(
                f"{path}, video {video}: expected a list with a phase (0, 1, …) for every frame, "
                f"found {phases!r:.60}; correct the file"
            )
        labels[video] = np.array(phases, dtype=np.int64)
    return labels


def _is_phase_list(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) > 0
        and all(isinstance(v, int) and not isinstance(v, bool) and 0 <= v < 2**31 for v in value)
    )
