"""The records that CASA released: poses and phase labels of the alignment benchmark.

Kwon et al., Context-Aware Sequence Alignment using 4D Skeletal Augmentation, CVPR 2022: its
``npyrecords/ACTION_SPLIT.npy`` are pickled dicts ``{video: {'pose', 'labels', 'beta'}}``.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mmalign.errors import InputError
from mmalign.formats.unpickle import restricted_load
from mmalign.poses.pose_index import SPLITS


@dataclass(frozen=True)
class RecordFile:
    """A record by its name ``ACTION_SPLIT.npy``.

    Attributes:
        path: The file.
        action: The activity of all its videos.
        split: ``train`` or ``val``.
    """

    path: Path
    action: str
    split: str

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.name


@dataclass(frozen=True)
class Record:
    """One video of a record.

    Attributes:
        video: Its key in the file.
        labels: ``(T,)`` int64 phases.
        pose: What the file has as its pose: ``(T, 72)`` SMPL axis-angles, ``(T, 102)`` MANO
            parameters of two hands or ``(T, K, 3)`` joints; empty where it has none.
        beta: Shape parameters ``(T, 10)`` of a body model; empty where it has none.
    """

    video: str
    labels: np.ndarray
    pose: np.ndarray
    beta: np.ndarray


def find_records(sources: list[Path]) -> list[RecordFile]:
    """List records, in the order of their actions, training first.

    Args:
        sources: Files named ``ACTION_train.npy`` or ``ACTION_val.npy``, or folders of them.

    Raises:
        InputError: If there is none or a file has another name.
    """
    found = []
    for source in sources:
        paths = sorted(source.glob("*.npy")) if source.is_dir() else [source]
        if not paths:
            raise InputError(f"{source}: holds no ACTION_SPLIT.npy, expected CASA's records")
        for path in paths:
            action, _, split = path.stem.rpartition("_")
            if not action or split not in SPLITS or path.suffix != ".npy":
                raise InputError(
                    f"{path}: expected a name like golf_swing_train.npy; rename the file"
                )
            found.append(RecordFile(path, action, split))
    return sorted(found, key=lambda file: (file.action, file.split))


def read_records(path: str | Path) -> list[Record]:
    """Read one record without executing anything of it.

    Returns:
        Its videos in the file's order, which is the benchmark's annotation order.

    Raises:
        InputError: If the file is missing or damaged, wants to run code, or is of another form.
    """
    content = restricted_load(path)
    if isinstance(content, np.ndarray) and content.shape == () and content.dtype == object:
        content = content.item()
    if not isinstance(content, dict) or not content:
        raise InputError(
            f"{path}: found {type(content).__name__}, expected a dict {{video: {{'pose', 'labels'}}"
            "}}; download the file again"
        )
    return [_record(str(key), value, f"{path}, video {key}") for key, value in content.items()]


def _record(video: str, value: Any, where: str) -> Record:
    if not isinstance(value, dict) or "labels" not in value:
        raise InputError(f"{where}: expected a dict with 'labels'; download the file again")
    labels = np.asarray(value["labels"])
    whole = labels.dtype.kind in "iuf" and labels.ndim == 1 and np.isfinite(labels).all()
    if not whole or not len(labels) or (labels % 1 != 0).any() or not (labels >= 0).all():
        raise InputError(
            f"{where}: labels are {labels.dtype} of shape {labels.shape}, expected one phase (0, "
            "1, …) for every frame; download the file again"
        )
    if labels.max() > 10**6:
        raise InputError(f"{where}: a label is {labels.max()}, expected a phase; correct the file")
    arrays = {}
    for key in ("pose", "beta"):
        array = np.zeros(0) if value.get(key) is None else value[key]
        if not isinstance(array, np.ndarray) or array.dtype.kind not in "fiu":
            raise InputError(f"{where}: {key} is no array of numbers; download the file again")
        arrays[key] = array.astype(np.float64)
        if not (np.abs(arrays[key]) < 1e6).all():
            raise InputError(f"{where}: {key} holds no position or angle; download the file again")
    return Record(video, labels.astype(np.int64), arrays["pose"], arrays["beta"])
