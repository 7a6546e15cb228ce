"""Plain CSV: one row per frame, or per frame and person, with the joints by name.

Columns, in any order: ``JOINT_x`` and ``JOINT_y`` in pixels and, if there is one, ``JOINT_score``
in [0, 1] (also ``_likelihood``, ``_confidence`` or ``_visibility``) for every joint of a skeleton;
``frame``, the number of the frame (without it every row is the next frame); ``person``, a number
for each of several people; ``label``, the phase. A joint with an empty cell or score 0 is absent.
"""

from __future__ import annotations

import re

import numpy as np

from mmalign.errors import InputError
from mmalign.formats.people_reader import PeopleReader
from mmalign.formats.recordings import Recording, frame_positions
from mmalign.formats.sources import Source
from mmalign.formats.tables import Table, read_table
from mmalign.poses.people import People, clean_poses
from mmalign.skeletons import get_skeleton, list_skeletons

_SCORES = ("score", "likelihood", "confidence", "visibility")


class CsvReader(PeopleReader):
    """Plain CSV files, one per clip.

    Without ``--skeleton`` the joints must be exactly those of a known skeleton; with it joints of
    the skeleton may be missing.
    """

    name = "csv"
    description = "plain CSV: frame, person, label, JOINT_x, JOINT_y, JOINT_score"
    suffixes = (".csv",)

    def load(self, source: Source) -> Recording:
        """Read one file."""
        table = read_table(source.paths[0])
        joints = [m[1] for c in table.header if (m := re.fullmatch(r"(.+)_x", c))]
        skeleton = self.chosen_skeleton or _skeleton(joints, table)
        poses = _poses(table, joints, skeleton)
        if "frame" in table.header:
            numbers = table.integers("frame")
        elif "person" in table.header:
            raise InputError(f"{table.source}: has 'person', expected 'frame' as well; add it")
        else:
            numbers = np.arange(len(poses))
        frames, count = frame_positions(numbers.tolist(), table.source)
        order = np.argsort(frames, kind="stable")
        frames = frames[order]
        tracks = table.integers("person")[order] if "person" in table.header else 0 * frames
        if "person" not in table.header and len(np.unique(frames)) < len(frames):
            raise InputError(
                f"{table.source}: a frame has several rows, expected one or a column 'person'; "
                "correct the file"
            )
        labels = None
        if "label" in table.header:
            # A frame without a row has the label of the one before it.
            row = np.searchsorted(frames, np.arange(count), side="right") - 1
            labels = table.integers("label")[order][row]
        there = (poses[order][..., 2] > 0).any(axis=1)
        people = People(poses[order][there], frames[there], count, tracks[there])
        return Recording(people, skeleton=skeleton, labels=labels)


def _skeleton(joints: list[str], table: Table) -> str:
    for name in list_skeletons():
        if joints and set(get_skeleton(name).joints) == set(joints):
            return name
    raise InputError(
        f"{table.source}: found the joints {', '.join(joints)[:120] or 'none'}, expected columns "
        "JOINT_x and JOINT_y for all joints of a known skeleton; rename them or name the skeleton "
        "with --skeleton"
    )


def _poses(table: Table, joints: list[str], skeleton: str) -> np.ndarray:
    """``(N, K, 3)``, a row per line of the file."""
    names = get_skeleton(skeleton).joints
    unknown = [joint for joint in joints if joint not in names]
    missing = [joint for joint in joints if f"{joint}_y" not in table.header]
    if unknown or missing or not joints:
        found = f"{unknown[0]}_x" if unknown else f"no {missing[0]}_y" if missing else "no joint"
        raise InputError(
            f"{table.source}: found {found}, expected JOINT_x and JOINT_y of joints of "
            f"{skeleton!r} ({', '.join(names):.80}…); rename or delete the column"
        )
    poses = np.zeros((len(table.cells), len(names), 3))
    for joint in joints:
        score = next((f"{joint}_{s}" for s in _SCORES if f"{joint}_{s}" in table.header), None)
        x, y = table.numbers(f"{joint}_x"), table.numbers(f"{joint}_y")
        poses[:, names.index(joint)] = np.stack(
            [x, y, np.ones_like(x) if score is None else table.numbers(score)], axis=1
        )
    return clean_poses(poses, table.source)
