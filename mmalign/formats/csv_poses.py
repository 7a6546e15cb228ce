"""Plain CSV: keypoints by name or number, a row per frame, per person or per joint.

Columns, in any order: ``JOINT_x``, ``JOINT_y`` and, if there is one, ``JOINT_score`` in [0, 1] for
every joint of a skeleton; ``frame``, its number (without it and ``time`` every row is the next
frame); ``time`` in seconds or milliseconds, which gives the rate; ``person``, a number or name for
each of several people; ``label``, the phase by number or name. Other spellings are listed in
:mod:`.table_header`. Or ``frame, keypoint, x, y, score`` with a row per joint. A joint with an
empty cell or score 0 is absent, and without scores one at (0, 0).
"""

from __future__ import annotations

from mmalign.formats.people_reader import PeopleReader
from mmalign.formats.recordings import Recording
from mmalign.formats.sources import Source
from mmalign.formats.table_poses import read_table_poses


class CsvReader(PeopleReader):
    """Tables of keypoints, one per clip.

    Without ``--skeleton`` the joints must be exactly those of a known skeleton; with it joints of
    the skeleton may be missing.
    """

    name = "csv"
    description = "CSV: frame, person, label, JOINT_x, JOINT_y, JOINT_score, or a row per joint"
    suffixes = (".csv", ".tsv")

    def load(self, source: Source) -> Recording:
        """Read one file."""
        return read_table_poses(source.paths[0], self.chosen_skeleton, self.first_frame)
