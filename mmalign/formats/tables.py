"""Text tables with a header (CSV), whatever program wrote them.

The separator is ``,``, ``;`` or a tab, whichever gives the header most cells; a line ``sep=;``,
which Excel understands, names it. The encoding is UTF-8 or, by its mark or its zero bytes, UTF-16.
Where cells are not separated by commas, a comma may be the decimal point. Only the columns that are
asked for are kept, as numbers of 8 bytes.
"""

from __future__ import annotations

import codecs
import csv
import re
from array import array
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TextIO

import numpy as np

from mmalign.errors import InputError

ABSENT = frozenset(("", "nan", "none", "null", "na", "n/a", "-"))
_SEPARATORS = ",;\t"


@dataclass(frozen=True)
class TableFile:
    """A table on disk.

    Attributes:
        path: The file.
        encoding: Of its text.
        separator: Between its cells.
        top: Its first rows.
        header_rows: How many of its rows are the header; set once that is known.
    """

    path: Path
    encoding: str
    separator: str
    top: tuple[tuple[str, ...], ...]
    header_rows: int = 1

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """The rows below the header with the numbers of their lines; empty lines are left out.

        Raises:
            InputError: If the file is no readable table or a row has another number of cells.
        """
        with _readable(self.path), self.path.open(encoding=self.encoding, newline="") as stream:
            yield from self._checked(csv.reader(stream, delimiter=self.separator))

    def _checked(self, reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
        width, seen = max(map(len, self.top[: self.header_rows])), 0
        for row in reader:
            if not row or (not seen and _names_separator(row, self.separator)):
                continue
            seen += 1
            if seen <= self.header_rows:
                continue
            if len(row) != width and (len(row) < width or any(map(str.strip, row[width:]))):
                line = reader.line_num  # type: ignore[attr-defined]
                raise InputError(
                    f"{self.path}, line {line}: {len(row)} cells, expected {width} as in the "
                    "header; correct the file"
                )
            yield reader.line_num, row  # type: ignore[attr-defined]

    def columns(
        self, numbers: Sequence[int], texts: Sequence[int]
    ) -> tuple[np.ndarray, list[list[str]], np.ndarray]:
        """Some columns of all rows.

        Args:
            numbers: The columns of numbers; empty cells, ``nan``, ``None`` and the like are NaN.
            texts: The columns of text.

        Returns:
            ``(N, len(numbers))`` float64, the ``N`` stripped texts per column of text, and the
            ``(N,)`` numbers of the lines.

        Raises:
            InputError: If the file cannot be read, has no rows, or a cell is no number.
        """
        values, lines = array("d"), array("q")
        words: list[list[str]] = [[] for _ in texts]
        known: dict[str, str] = {}
        for line, row in self.rows():
            try:
                values.extend([float(row[i]) for i in numbers])
            except ValueError:
                del values[len(lines) * len(numbers) :]
                values.extend([self._number(row[i], i, line) for i in numbers])
            for column, i in zip(words, texts, strict=True):
                word = row[i].strip()
                column.append(known.setdefault(word, word))
            lines.append(line)
        if not lines:
            raise InputError(
                f"{self.path}: found a header without rows, expected a row per frame; write the "
                "file again"
            )
        shape = len(lines), len(numbers)
        table = np.frombuffer(values).reshape(shape) if values else np.zeros(shape)
        return table, words, np.frombuffer(lines, dtype=np.int64)

    def _number(self, cell: str, column: int, line: int) -> float:
        text = cell.strip()
        if text.lower() in ABSENT:
            return np.nan
        try:
            return float(text if self.separator == "," else text.replace(",", "."))
        except ValueError:
            names = (row[column] for row in self.top[: self.header_rows] if column < len(row))
            name = " ".join(filter(None, names))
            raise InputError(
                f"{self.path}, line {line}, column {name[:60]!r}: found {text[:40]!r}, expected a "
                "number or an empty cell; correct the file"
            ) from None


def open_table(path: str | Path) -> TableFile:
    """Find out how a table is written, from its beginning.

    Raises:
        InputError: If it cannot be read or is empty.
    """
    path = Path(path)
    with _readable(path):
        with path.open("rb") as raw:
            encoding = _encoding(raw.read(64))
        with path.open(encoding=encoding, newline="") as stream:
            separator = _separator(stream)
            stream.seek(0)
            rows = (row for row in csv.reader(stream, delimiter=separator) if row)
            top = list(islice(rows, 7))
    if top and _names_separator(top[0], separator):
        del top[0]
    if not top:
        raise InputError(f"{path}: found an empty file, expected a header and rows; write it again")
    return TableFile(path, encoding, separator, tuple(tuple(map(str.strip, row)) for row in top))


def as_numbers(texts: Sequence[str]) -> np.ndarray | None:
    """``(N,)`` float64 of a column of text, NaN where it is empty; None if a cell is no number."""
    try:
        return np.array(
            [np.nan if t.lower() in ABSENT else float(t.replace(",", ".")) for t in texts]
        )
    except ValueError:
        return None


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, UnicodeError, csv.Error) as error:
        reason = " ".join(str(error).split())
        raise InputError(
            f"{path}: no readable CSV ({reason:.200}); save it again as CSV in UTF-8"
        ) from error


def _encoding(start: bytes) -> str:
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if start[1:4:2] == b"\0\0":
        return "utf-16-le"
    return "utf-16-be" if start[0:3:2] == b"\0\0" else "utf-8-sig"


def _separator(stream: TextIO) -> str:
    line = next((text for text in stream if text.strip()), "")
    if named := re.fullmatch(r'"?sep=([,;\t])"?\s*', line):
        return named[1]
    return max(_SEPARATORS, key=lambda s: len(next(csv.reader([line], delimiter=s), [])))


def _names_separator(row: Sequence[str], separator: str) -> bool:
    return row[0].strip() == "sep=" or row == [f"sep={separator}"]
