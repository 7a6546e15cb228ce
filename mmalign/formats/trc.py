"""``.trc`` tables of OpenSim, Pose2Sim and Motion Analysis: 3D markers with a row per frame.

Three lines of facts, a line with ``Frame#``, ``Time`` and the markers' names, each above its first
of three columns, a line ``X1 Y1 Z1 …``, and the rows, all with tabs between the cells.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mmalign.errors import InputError
from mmalign.fileio import check_size
from mmalign.formats.markers import MarkerReader, Markers
from mmalign.formats.recordings import stated_rate


class TrcReader(MarkerReader):
    """Markers in ``.trc`` files; a marker whose three cells are empty was not seen."""

    name = "trc"
    description = "TRC: 3D markers of OpenSim, Pose2Sim and others (y up); 3D kept"
    suffixes = (".trc",)
    usual_up = "y"

    def markers(self, path: Path) -> Markers:
        """Read one file."""
        try:
            check_size(path, 4 * path.stat().st_size, "its text")
            lines = path.read_text(encoding="utf-8-sig").splitlines()
            start = next(i for i, line in enumerate(lines) if line.startswith("Frame#"))
            keys, values = (lines[i].split("\t") for i in (start - 2, start - 1))
            facts = dict(zip(map(str.strip, keys), map(str.strip, values), strict=False))
            names = [name.strip() for name in lines[start].split("\t")[2::3]]
            while names and not names[-1]:
                names.pop()
            rows = [line.split("\t") for line in lines[start + 2 :] if line.strip()]
            width = 2 + 3 * len(names)
            table = [[_number(cell) for cell in (row + [""] * width)[:width]] for row in rows]
        except (OSError, ValueError, IndexError, StopIteration) as error:
            raise InputError(
                f"{path}: no readable TRC ({error or 'no line with Frame#'}), expected markers with"
                " tabs between the cells; export it again"
            ) from error
        if not names or not table:
            raise InputError(f"{path}: found no markers or no rows, expected some; export it again")
        points = np.array(table)[:, 2:].reshape(len(table), len(names), 3)
        rate = facts.get("DataRate") or facts.get("CameraRate")
        fps = stated_rate(_number(rate), str(path)) if rate else None
        return Markers(names, points, facts.get("Units", "mm"), fps)


def _number(cell: str) -> float:
    return float(cell) if cell.strip() else float("nan")
