"""HDF5 files of SLEAP (``.analysis.h5``) and DeepLabCut (``.h5``), as their CSV.

SLEAP: ``tracks`` ``(people, 2, K, T)``, ``node_names``, and perhaps ``point_scores`` ``(people, K,
T)`` and ``track_names``. DeepLabCut: a table of pandas, ``df_with_missing``, with ``x``, ``y`` and
``likelihood`` of every body part, whose names are a pickle that is read without executing anything.

The package ``h5py`` reads them (``pip install 'mmalign[h5]'``); it is imported when it is needed.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np

from mmalign.errors import InputError
from mmalign.fileio import check_size
from mmalign.formats.people_reader import PeopleReader
from mmalign.formats.recordings import Recording, from_tracks
from mmalign.formats.sources import Source
from mmalign.formats.table_header import plain
from mmalign.formats.table_joints import match_joints
from mmalign.formats.unpickle import restricted_loads
from mmalign.skeletons import get_skeleton

_AXES = ("x", "y", "likelihood")
_Tracks = tuple[list[str], np.ndarray]
"""Names of the joints, and ``(M, T, K, 3)`` x, y and score; NaN where absent."""


class Hdf5Reader(PeopleReader):
    """Tracked keypoints in HDF5; joints go by their names, as those of a table do."""

    name = "h5"
    description = "HDF5 of SLEAP (analysis) or DeepLabCut (needs the package h5py)"
    suffixes = (".h5", ".hdf5")

    def load(self, source: Source) -> Recording:
        """Read one file."""
        path = source.paths[0]
        names, table = _read(path)
        joints = [plain(name) for name in names]
        skeleton, indices = match_joints(joints, self.chosen_skeleton, True, str(path))
        width = get_skeleton(skeleton).num_joints
        poses = np.full((*table.shape[:2], width, 3), np.nan)
        known = [(i, joint) for i, joint in enumerate(indices) if 0 <= joint < width]
        poses[:, :, [joint for _, joint in known]] = table[:, :, [i for i, _ in known]]
        return Recording(from_tracks(poses, str(path)), skeleton=skeleton, start=0)


def _read(path: Path) -> _Tracks:
    try:
        import h5py
    except ImportError as error:
        raise InputError(
            f"{path}: the package h5py is not installed; pip install 'mmalign[h5]'"
        ) from error
    try:
        with h5py.File(path, "r") as file:
            if "tracks" in file and "node_names" in file:
                return _of_sleap(file, path)
            if "df_with_missing" in file:
                return _of_deeplabcut(file["df_with_missing"], path)
            raise ValueError(f"it holds {', '.join(file)!s:.80}")
    except InputError:
        raise
    # A damaged file fails in any of a dozen ways inside h5py.
    except Exception as error:
        raise InputError(
            f"{path}: not readable ({type(error).__name__}: {error}), expected SLEAP's analysis or "
            "DeepLabCut's table; export it again, or as CSV"
        ) from error


def _of_sleap(file: Any, path: Path) -> _Tracks:
    tracks = _numbers(file["tracks"], path)
    names = [_text(name) for name in file["node_names"][:]]
    people, axes, joints, frames = tracks.shape
    if (axes, joints) != (2, len(names)):
        raise ValueError(f"tracks of shape {tracks.shape} for {len(names)} nodes")
    points = tracks.transpose(0, 3, 2, 1)
    scores = np.isfinite(points).all(axis=-1).astype(np.float64)
    if "point_scores" in file:
        given = _numbers(file["point_scores"], path).transpose(0, 2, 1)
        # Points that a person set have no score.
        scores = np.where(np.isfinite(given) & (given > 0), given, scores) * (scores > 0)
    return names, np.concatenate([points, scores[..., None]], axis=-1)


def _of_deeplabcut(group: Any, path: Path) -> _Tracks:
    table = group["table"]
    check_size(path, 8 * table.size * max(1, table.dtype.itemsize // 8), "its table")
    names: list[tuple[str, ...]] = []
    blocks = []
    for field in sorted(name for name in table.dtype.names if name.startswith("values_block_")):
        stored = table.attrs[f"{field}_kind"]
        kinds = restricted_loads(io.BytesIO(bytes(stored)), f"{path}, {field}_kind")
        names += [tuple(map(str, kind)) for kind in kinds]
        blocks.append(np.asarray(table[field], dtype=np.float64).reshape(len(table), -1))
    values = np.concatenate(blocks, axis=1)
    columns = {name[1:]: i for i, name in enumerate(names)}
    people = list(dict.fromkeys(name[:-2] for name in columns))
    joints = list(dict.fromkeys(name[-2] for name in columns))
    tracks = np.full((len(people), len(values), len(joints), 3), np.nan)
    for name, column in columns.items():
        if name[-1] in _AXES:
            person, joint = people.index(name[:-2]), joints.index(name[-2])
            tracks[person, :, joint, _AXES.index(name[-1])] = values[:, column]
    return joints, tracks


def _numbers(dataset: Any, path: Path) -> np.ndarray:
    check_size(path, 8 * dataset.size, "its arrays")
    return np.asarray(dataset[()], dtype=np.float64)


def _text(value: Any) -> str:
    return value.decode("utf-8") if isinstance(value, bytes) else str(value)
