"""CSV files with a header."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mmalign.errors import InputError


@dataclass(frozen=True)
class Table:
    """A CSV file.

    Attributes:
        source: The file, for messages.
        header: Names of the columns as they stand there.
        cells: ``(N, C)`` text.
    """

    source: str
    header: tuple[str, ...]
    cells: np.ndarray

    def text(self, column: str) -> np.ndarray:
        """``(N,)`` text of one column."""
        return self.cells[:, self.header.index(column)]

    def numbers(self, column: str) -> np.ndarray:
        """``(N,)`` float64; empty cells are NaN.

        Raises:
            InputError: If a cell holds something else.
        """
        cells = np.char.strip(self.text(column))
        try:
            return np.where(cells == "", "nan", cells).astype(np.float64)
        except ValueError as error:
            raise InputError(
                f"{self.source}, column {column!r}: {error}, expected numbers; correct the file"
            ) from error

    def integers(self, column: str) -> np.ndarray:
        """``(N,)`` int64.

        Raises:
            InputError: If a cell holds something else.
        """
        numbers = self.numbers(column)
        if not ((numbers % 1 == 0) & (np.abs(numbers) < 2**53)).all():
            raise InputError(
                f"{self.source}, column {column!r}: a cell is empty or no whole number, expected "
                "whole numbers; correct the file"
            )
        return numbers.astype(np.int64)


def read_table(path: str | Path) -> Table:
    """Read a CSV file: a header, then rows of as many cells.

    Raises:
        InputError: If it cannot be read or is of another form.
    """
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as stream:
            rows = [row for row in csv.reader(stream) if row]
    except (OSError, ValueError, csv.Error) as error:
        raise InputError(f"{path}: no readable CSV ({error}); write the file again") from error
    header = tuple(name.strip() for name in rows[0]) if rows else ()
    if len(rows) < 2 or len(set(header)) != len(header):
        what = "a column name twice" if len(rows) > 1 else f"{len(rows)} lines"
        raise InputError(
            f"{path}: found {what}, expected a header of different names and a row per frame; "
            "correct the file"
        )
    for number, row in enumerate(rows[1:], 2):
        if len(row) != len(header):
            raise InputError(
                f"{path}, row {number}: {len(row)} cells, expected {len(header)} as in the header; "
                "correct the file"
            )
    return Table(str(path), header, np.array(rows[1:]))
