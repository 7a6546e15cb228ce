"""What the columns of a table of keypoints hold, told by their names.

A name is a joint and an axis in either order (``nose_x``, ``x_nose``, ``NOSE.x``, ``x0``,
``L0_x``), or one of the words of :data:`_ROLES`. Capitals and what stands between words do not
matter. Several header rows (DeepLabCut, SLEAP, pandas) end with the one that repeats the axes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from mmalign.errors import InputError
from mmalign.formats.tables import TableFile

# An axis and the names of its columns, the first one there is counts.
_AXES = {
    "x": ("x",),
    "y": ("y",),
    "score": ("score", "likelihood", "confidence", "conf", "visibility", "prob", "probability",
              "vis", "c", "v"),
}  # fmt: skip
_ROLES = {
    "frame": "frame frames frameno framenumber framenum frameindex frameidx frameid fnum",
    "time": "time timestamp times timesec timeseconds timeinseconds timestamps seconds sec t "
    "timems timestampms timemsec milliseconds ms timemilliseconds",
    "person": "person personid personindex personidx track trackid individual individuals "
    "instance instanceid",
    "label": "label labels phase phases phasename phaseid",
    "joint": "landmark landmarkid landmarkindex landmarkidx landmarkname landmarkno keypoint "
    "keypointid keypointindex keypointidx keypointname kp kpt joint jointid jointindex jointname "
    "bodypart part marker node",
}
_OF_NAME = {name: role for role, names in _ROLES.items() for name in names.split()}
_AXIS = "|".join([*(name for names in _AXES.values() for name in names), "z"])
_NUMBERED = re.compile(
    r"(?:l|lm|landmark|kp|kpt|keypoint|joint|j|point|pt|p|pose|marker|node)?(\d{1,3})"
)
_LEVELS = {
    "person": ("individuals", "individual", "tracks", "track", "instances", "instance", "persons"),
    "joint": ("bodyparts", "bodypart", "nodes", "node", "joints", "keypoints", "markers"),
}


@dataclass
class Layout:
    """Where a table has what.

    Attributes:
        roles: The column of each role of :data:`_ROLES` that is there.
        points: Per person's name and joint the columns of ``x``, ``y`` and ``score``. The joint is
            empty in a table with a row per joint, the person in one with a row per person.
        names: Per column its name, for messages.
        twice: Columns that say the same as an earlier one.
    """

    roles: dict[str, int] = field(default_factory=dict)
    points: dict[tuple[str, str], dict[str, int]] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    twice: list[int] = field(default_factory=list)

    @property
    def long(self) -> bool:
        """Whether a row is one joint."""
        return ("", "") in self.points

    @property
    def joints(self) -> list[str]:
        """The joints that have columns, in their order."""
        return list(dict.fromkeys(joint for _, joint in self.points))

    def unused(self) -> list[str]:
        """Names of the columns that are not used."""
        used = {*self.roles.values(), *(i for axes in self.points.values() for i in axes.values())}
        return [name or "(no name)" for i, name in enumerate(self.names) if i not in used]


def plain(name: str) -> str:
    """A name in small letters with ``_`` between its words: ``LandmarkID`` is ``landmark_id``."""
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name.strip())
    name = "_".join(re.findall(r"[^\W_]+", name.lower()))
    return re.sub(r"_(px|pixels?|norm|normali[sz]ed)$", "", name)


def joint_number(joint: str) -> int | None:
    """The number of a joint that has no name: 0 of ``0``, ``L0`` and ``kp_0``."""
    match = _NUMBERED.fullmatch(joint.replace("_", ""))
    return int(match[1]) if match else None


def read_header(table: TableFile) -> tuple[TableFile, Layout]:
    """Tell what the columns hold.

    Returns:
        The table with the number of its header's rows, and its columns.

    Raises:
        InputError: If there are no keypoints, or a column is there twice.
    """
    depth = next((i for i, row in enumerate(table.top) if i and _repeats_axes(row)), 0)
    layout = _of_levels(table.top[: depth + 1]) if depth else _of_names(table.top[0])
    if depth and len(table.top) > depth + 1:
        first, *others = table.top[depth + 1]
        # pandas puts the name of the index into a row of its own.
        depth += bool(re.match("[^\\W\\d]", first) and not any(others))
    if layout.twice:
        raise InputError(
            f"{table.path}: found the column {layout.names[layout.twice[0]]!r} twice, expected "
            "different ones; rename or delete one"
        )
    complete = {key: axes for key, axes in layout.points.items() if {"x", "y"} <= axes.keys()}
    lame = next((j for (_, j), axes in layout.points.items() if ("x" in axes) != ("y" in axes)), "")
    if not complete or (lame and not layout.long):
        found = f"{lame[:40]}_x or {lame[:40]}_y alone" if lame else _found(layout.names)
        raise InputError(
            f"{table.path}: found {found}, expected columns JOINT_x and JOINT_y for every joint, "
            "or frame, keypoint, x and y with a row per joint; rename the columns"
        )
    return replace(table, header_rows=depth + 1), replace(layout, points=complete)


def _found(names: Sequence[str]) -> str:
    if all(re.fullmatch(r"[-+\d.,eE]*", name) for name in names):
        return "numbers where the header should be"
    return f"the columns {', '.join(names):.80}"


def _short(name: str) -> str:
    """A column's name for one line of text."""
    return " ".join(name.split())[:60]


def _repeats_axes(row: Sequence[str]) -> bool:
    axes = [cell.lower() for cell in row[1:] if cell]
    return {"x", "y"} <= {*axes} and all(re.fullmatch(_AXIS, axis) for axis in axes)


def _of_levels(rows: Sequence[Sequence[str]]) -> Layout:
    """A header of several rows: people if there are any, body parts, axes."""
    width = max(map(len, rows))
    rows = [[*row, *[""] * (width - len(row))] for row in rows]
    filled = [_filled(row) for row in rows[:-1]]
    people = joint = None
    for row in filled:
        level = row[0].lower()
        if level in _LEVELS["joint"]:
            joint = row
        elif level in _LEVELS["person"]:
            people = row
    joint = joint or filled[-1]
    # Levels may have no names: what differs above the joints are the people.
    people = people or next(
        (row for row in filled if row is not joint and len({*row[1:]}) > 1), [""] * len(joint)
    )
    columns = zip(*rows, strict=True)
    layout = Layout(names=tuple(_short(" ".join(filter(None, column))) for column in columns))
    for i, axis in enumerate(rows[-1]):
        if re.fullmatch(_AXIS, axis.lower()):
            _add(layout, people[i], plain(joint[i]), axis.lower(), i)
    layout.roles |= {"frame": 0} if not re.fullmatch(_AXIS, rows[-1][0].lower()) else {}
    return _best_scores(layout)


def _filled(row: Sequence[str]) -> list[str]:
    """A row in which an empty cell repeats the one before it."""
    filled: list[str] = []
    for cell in row:
        filled.append(cell or (filled[-1] if filled else ""))
    return filled


def _of_names(row: Sequence[str]) -> Layout:
    layout = Layout(names=tuple(map(_short, row)))
    for i, cell in enumerate(row):
        name = plain(cell)
        role = _OF_NAME.get(name.replace("_", ""))
        if role is not None:
            if role in layout.roles and row[layout.roles[role]] == cell:
                layout.twice.append(i)
            layout.roles.setdefault(role, i)
        elif match := re.fullmatch(rf"(.*?)_?(?<![a-z])({_AXIS})", name):
            _add(layout, "", match[1], match[2], i)
        elif match := re.fullmatch(rf"({_AXIS})_?(\d+)|({_AXIS})_(.+)", name):
            _add(layout, "", match[2] or match[4], match[1] or match[3], i)
    if "joint" in layout.roles and ("", "") in layout.points:
        layout.points = {("", ""): layout.points["", ""]}
    else:
        layout.points.pop(("", ""), None)
        layout.roles.pop("joint", None)
    return _best_scores(layout)


def _add(layout: Layout, person: str, joint: str, axis: str, column: int) -> None:
    if number := _NUMBERED.fullmatch(joint.replace("_", "")):
        joint = number[1].lstrip("0") or "0"
    axes = layout.points.setdefault((person, joint), {})
    if axis in axes:
        layout.twice.append(column)
    axes[axis] = column


def _best_scores(layout: Layout) -> Layout:
    """Of several columns of scores the first one of :data:`_AXES` counts."""
    for key, axes in layout.points.items():
        layout.points[key] = {
            axis: next(axes[name] for name in names if name in axes)
            for axis, names in _AXES.items()
            if any(name in axes for name in names)
        }
    return layout
