"""What the rows of a table of keypoints are of: frames, times, people and phases."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from mmalign.errors import InputError
from mmalign.formats.table_clock import read_clock
from mmalign.formats.table_header import Layout, read_header
from mmalign.formats.tables import ABSENT, as_numbers, open_table

_NO_PHASE = "none"


@dataclass
class Rows:
    """The rows of a table, column by column.

    Attributes:
        source: The file, for messages.
        layout: What the columns are.
        values: ``(N, C)`` numbers of the keypoints' columns and the frames.
        where: Per column of the table its column in ``values``.
        words: ``N`` texts per other role of :class:`.Layout`.
        lines: ``(N,)`` the rows' lines in the file.
        notes: What a user should know of.
    """

    source: str
    layout: Layout
    values: np.ndarray
    where: dict[int, int]
    words: dict[str, list[str]]
    lines: np.ndarray
    notes: list[str] = field(default_factory=list)

    def column(self, column: int) -> np.ndarray:
        """``(N,)`` numbers of one column of the table."""
        return self.values[:, self.where[column]]

    def not_used(self, role: str, reason: str) -> None:
        """Note that the column of a role is of no use."""
        name = self.layout.names[self.layout.roles[role]]
        self.notes.append(f"the column {name!r} was not used: {reason}")

    def error(self, role: str, row: int, expected: str) -> InputError:
        """What is wrong with one cell."""
        column = self.layout.roles[role]
        cell = self.words[role][row] if role in self.words else f"{self.column(column)[row]:g}"
        return InputError(
            f"{self.source}, line {self.lines[row]}, column {self.layout.names[column]!r}: found "
            f"{cell[:40]!r}, expected {expected}; correct the file"
        )

    def whole(self, role: str, numbers: np.ndarray, expected: str) -> np.ndarray:
        """``(N,)`` numbers as int64.

        Raises:
            InputError: If one is empty or no whole number.
        """
        good = np.isfinite(numbers) & (np.abs(numbers) < 2**53)
        good[good] = numbers[good] % 1 == 0
        if not good.all():
            raise self.error(role, int(np.argmin(good)), expected)
        return numbers.astype(np.int64)


def read_rows(path: str | Path) -> Rows:
    """Read the columns of a table that are of use.

    Raises:
        InputError: If it is no table of keypoints or a cell is no number.
    """
    table, layout = read_header(open_table(path))
    texts = [role for role in ("time", "person", "label", "joint") if role in layout.roles]
    wanted = [column for axes in layout.points.values() for column in axes.values()]
    wanted += [layout.roles["frame"]] if "frame" in layout.roles else []
    values, words, lines = table.columns(wanted, [layout.roles[role] for role in texts])
    # Spreadsheets write separators for rows that are empty.
    blank = np.isnan(values).all(axis=1)
    if "frame" in layout.roles and blank.any():
        blank &= [not any(row) for row in zip(*words, strict=True)] if words else True
        values, lines = values[~blank], lines[~blank]
        words = [[w for w, b in zip(column, blank, strict=True) if not b] for column in words]
        if not len(lines):
            raise InputError(f"{path}: found empty rows only, expected one per frame; correct it")
    where = {column: i for i, column in enumerate(wanted)}
    return Rows(str(path), layout, values, where, dict(zip(texts, words, strict=True)), lines)


def frames_of(rows: Rows) -> tuple[np.ndarray, float | None]:
    """``(N,)`` int64 frame numbers and, if there are times, the rate.

    Raises:
        InputError: If a number is missing, or frames are needed and not there.
    """
    roles, numbers = rows.layout.roles, None
    if "frame" in roles:
        numbers = rows.whole("frame", rows.column(roles["frame"]), "the number of a frame")
    if "time" in roles:
        times = as_numbers(rows.words["time"])
        name = rows.layout.names[roles["time"]]
        clock = None if times is None else read_clock(times, name, numbers)
        if clock is not None:
            return clock
        rows.not_used("time", "it holds no numbers that go forward with the frames")
    if numbers is not None:
        return numbers, None
    several = next((role for role in ("person", "joint") if role in roles), None)
    if several:
        name = rows.layout.names[roles[several]]
        raise InputError(
            f"{rows.source}: has {name!r}, expected a column 'frame' or 'time' as well; add it"
        )
    return np.arange(len(rows.lines)), None


def people_of(rows: Rows) -> np.ndarray | None:
    """``(N,)`` int64 who it is; None if the table does not say.

    Raises:
        InputError: If some rows do not say.
    """
    words = rows.words.get("person")
    if words is None or not any(words):
        return None
    if not all(words):
        raise rows.error("person", words.index(""), "a person in every row or in none")
    numbers = as_numbers(words)
    if numbers is not None:
        return rows.whole("person", numbers, "a whole number or a name")
    return number_people(rows, words)


def number_people(rows: Rows, words: list[str]) -> np.ndarray:
    """Number people who have names, in the order in which they come, and say so."""
    names = {name: i for i, name in enumerate(dict.fromkeys(words))}
    listed = ", ".join(f"{i} is {' '.join(name.split())[:30]}" for name, i in [*names.items()][:10])
    rows.notes.append(f"people were numbered: {listed}{' ...' if len(names) > 10 else ''}")
    return np.array([names[word] for word in words])


def labels_of(rows: Rows) -> tuple[np.ndarray | None, tuple[str, ...]]:
    """``(N,)`` int64 phases, and their names if they are text.

    Raises:
        InputError: If numbers and nothing alternate.
    """
    words = rows.words.get("label")
    if words is None:
        return None, ()
    numbers = as_numbers(words)
    if numbers is None:
        words = [_NO_PHASE if word.lower() in ABSENT else word for word in words]
        names = {name: i for i, name in enumerate(dict.fromkeys(words))}
        return np.array([names[word] for word in words]), tuple(names)
    if np.isnan(numbers).all():
        rows.not_used("label", "it is empty")
        return None, ()
    return rows.whole("label", numbers, "a phase in every row, a whole number or a name"), ()
