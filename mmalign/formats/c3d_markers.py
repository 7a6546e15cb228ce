"""``.c3d`` files of motion capture (Vicon, Qualisys, OptiTrack): 3D markers.

The package ``c3d`` reads them (``pip install 'mmalign[c3d]'``); it is imported when it is needed.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mmalign.errors import InputError
from mmalign.fileio import check_size
from mmalign.formats.markers import MarkerReader, Markers
from mmalign.formats.recordings import stated_rate

_BYTES = 40
"""Of a point in memory: five numbers."""


class C3dReader(MarkerReader):
    """Markers in ``.c3d`` files; one with a negative residual was not seen."""

    name = "c3d"
    description = "C3D: 3D markers of motion capture (needs the package c3d); 3D kept"
    suffixes = (".c3d",)

    def markers(self, path: Path) -> Markers:
        """Read one file."""
        try:
            import c3d
        except ImportError as error:
            raise InputError(
                f"{path}: the package c3d is not installed; pip install 'mmalign[c3d]'"
            ) from error
        try:
            with path.open("rb") as stream:
                reader = c3d.Reader(stream)
                count = max(reader.last_frame - reader.first_frame + 1, 0)
                check_size(path, _BYTES * count * reader.point_used, "its points")
                names = [label.strip() for label in reader.point_labels][: reader.point_used]
                unit = reader.get_string("POINT:UNITS").strip() or "mm"
                rate = float(reader.point_rate)
                frames = [points for _, points, _ in reader.read_frames()]
            if len(frames) < count:
                raise ValueError(f"it ends after {len(frames)} of {count} frames")
        except InputError:
            raise
        # A damaged file fails in any of a dozen ways inside the package.
        except Exception as error:
            raise InputError(
                f"{path}: no readable C3D ({type(error).__name__}: {error}); export it again"
            ) from error
        if not frames or not names:
            raise InputError(f"{path}: found no markers or no frames, expected some; export it")
        table = np.stack(frames)[:, : len(names)].astype(np.float64)
        points = np.where(table[..., 3:4] < 0, np.nan, table[..., :3])
        return Markers(names, points, unit, stated_rate(rate, str(path)))
