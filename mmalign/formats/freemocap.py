"""FreeMoCap's arrays: ``*_3d_xyz.npy``, ``(T, K, 3)`` of triangulated points in millimetres.

MediaPipe's body has 33 points; arrays of body, hands and face begin with them.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mmalign.errors import InputError
from mmalign.formats.markers import MarkerReader, Markers
from mmalign.formats.npz import read_plain_array
from mmalign.skeletons import get_skeleton
from mmalign.skeletons.joint_sets import DEFAULT_SKELETONS

_BODY = "mediapipe33"
_METRES = 20.0
"""Farthest that a person moves within reach of cameras; what reaches farther is millimetres."""


class FreeMoCapReader(MarkerReader):
    """FreeMoCap's 3D points (z up); they state no rate, ``--fps`` does."""

    name = "freemocap"
    description = "FreeMoCap: *_3d_xyz.npy, 3D points in millimetres (z up); 3D kept"
    suffixes = (".npy",)

    def markers(self, path: Path) -> Markers:
        """Read one file."""
        points = read_plain_array(path)
        if points.ndim != 3 or points.shape[-1] != 3:
            raise InputError(
                f"{path}: found an array of shape {points.shape}, expected (T, K, 3): x, y and z; "
                "read 2D arrays as npz"
            )
        count = points.shape[1]
        name = self.chosen_skeleton or (_BODY if count > 33 else DEFAULT_SKELETONS.get(count))
        if name is None or count < get_skeleton(name).num_joints:
            raise InputError(
                f"{path}: found {count} points, expected those of a known skeleton, or MediaPipe's "
                "with hands and face behind them; name it with --skeleton"
            )
        joints = get_skeleton(name).joints
        points = points[:, : len(joints)].astype(np.float64)
        points[(points == 0).all(axis=-1)] = np.nan
        if not np.isfinite(points).any():
            raise InputError(f"{path}: found no point in any frame, expected some; leave it out")
        size = np.nanmax(points, axis=(0, 1)) - np.nanmin(points, axis=(0, 1))
        return Markers(joints, points, "mm" if np.nanmax(size) > _METRES else "m")
