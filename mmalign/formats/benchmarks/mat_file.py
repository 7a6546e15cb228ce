"""Reading numbers and text from MATLAB's files of version 5, every length checked.

MathWorks, MAT-File Format, chapter 1: Level 5 MAT-File Format. ``scipy.io.loadmat`` believes what
a damaged file says of its own lengths, which can end the interpreter.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Collection, Iterator
from pathlib import Path

import numpy as np

from mmalign.fileio import MAX_BYTES, check_size

_HEADER = 128
_MATRIX, _COMPRESSED = 14, 15
_TEXT_CLASS, _NUMBER_CLASSES = 4, range(6, 16)
_COMPLEX = 0x0800
_INT8, _INT32, _UINT32 = 1, 5, 6
# Table 1-1, the data types that numbers are stored as.
_NUMBERS = {
    1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8",
}  # fmt: skip
_ENCODINGS = {1: "ascii", 2: "latin-1", 4: "utf-16", 16: "utf-8", 17: "utf-16", 18: "utf-32"}


def read_mat(path: str | Path, names: Collection[str]) -> dict[str, np.ndarray]:
    """Read variables of a ``.mat`` file of version 5 to 7.

    Args:
        path: The file.
        names: Variables to read, if they are there; others are passed over.

    Returns:
        By name, numbers as arrays of at least two axes, in the type they are stored as; text as
        an array of one string per row.

    Raises:
        OSError: If the file cannot be read.
        InputError: If the variables would take more memory than :data:`.fileio.MAX_BYTES`.
        ValueError: If it is damaged, of another version, or one of the variables is something else.
    """
    check_size(path, Path(path).stat().st_size, "the file")
    data = Path(path).read_bytes()
    order = {b"IM": "<", b"MI": ">"}.get(data[126:_HEADER])
    if (
        order is None
        or int.from_bytes(data[124:126], "little" if order == "<" else "big") >> 8 != 1
    ):
        raise ValueError("no MAT-file of version 5")
    room, found = MAX_BYTES, {}
    for kind, content in _elements(data[_HEADER:], order):
        if kind == _COMPRESSED:
            unpacker = zlib.decompressobj()
            try:
                content = unpacker.decompress(content, room + 1)
            except zlib.error as error:
                raise ValueError(f"a variable cannot be unpacked ({error})") from error
            check_size(path, MAX_BYTES - room + len(content), "its variables")
            room -= len(content)
            # No look at the stream's end: some files of MATLAB's own lack it.
            ((kind, content),) = _elements(content, order)
        if kind != _MATRIX:
            raise ValueError(f"an element of type {kind}, expected a variable")
        name, array = _variable(content, order, names)
        if array is not None:
            found[name] = array
    return found


def _elements(data: bytes, order: str) -> Iterator[tuple[int, bytes]]:
    """Types and contents of the elements that follow one another."""
    place = 0
    while place < len(data):
        if len(data) - place < 8:
            raise ValueError("an element is cut off")
        kind, length = (int(n) for n in np.frombuffer(data, f"{order}u4", 2, place))
        start = place + 8
        if kind >> 16:  # A small element: its length and type share four bytes.
            kind, length, start = kind & 0xFFFF, kind >> 16, place + 4
            if length > 4:
                raise ValueError(f"a small element of {length} bytes")
        if start + length > len(data):
            raise ValueError(f"an element of {length} bytes, where {len(data) - start} are left")
        yield kind, data[start : start + length]
        # Everything but what is compressed fills up eight bytes.
        place = start + length if kind == _COMPRESSED else start + length + (-start - length) % 8


def _variable(content: bytes, order: str, names: Collection[str]) -> tuple[str, np.ndarray | None]:
    """One variable's name and value; None if it is none of those names."""
    parts = _elements(content, order)
    flags, shape, name = (
        _typed(next(parts, (0, b"")), kind, order) for kind in (_UINT32, _INT32, _INT8)
    )
    text = name.tobytes().decode("ascii")
    if text not in names:
        return text, None
    if len(flags) != 2 or len(shape) < 2 or (shape < 0).any():
        raise ValueError(f"{text}: flags {flags.tolist()}, shape {shape.tolist()}")
    kind = int(flags[0]) & 0xFF
    stored, values = next(parts, (0, b""))
    if kind == _TEXT_CLASS and stored in _ENCODINGS:
        ending = {"<": "-le", ">": "-be"}[order] if stored in (4, 17, 18) else ""
        return text, _rows(values.decode(_ENCODINGS[stored] + ending), shape.tolist(), text)
    if kind not in _NUMBER_CLASSES or stored not in _NUMBERS or int(flags[0]) & _COMPLEX:
        raise ValueError(f"{text}: of class {kind}, expected real numbers or text")
    array = _typed((stored, values), stored, order)
    if array.size != math.prod(shape.tolist()):
        raise ValueError(f"{text}: {array.size} numbers, expected an array of {shape.tolist()}")
    return text, array.reshape(shape, order="F")


def _typed(element: tuple[int, bytes], expected: int, order: str) -> np.ndarray:
    kind, content = element
    if kind != expected or len(content) % np.dtype(_NUMBERS[expected]).itemsize:
        raise ValueError(f"an element of type {kind} with {len(content)} bytes")
    return np.frombuffer(content, f"{order}{_NUMBERS[expected]}")


def _rows(text: str, shape: list[int], name: str) -> np.ndarray:
    """MATLAB's text, stored column by column, as one string per row."""
    if len(shape) != 2 or len(text) != math.prod(shape):
        raise ValueError(f"{name}: {len(text)} characters, expected an array of {shape}")
    return np.array(["".join(text[i :: shape[0]]) for i in range(shape[0])], dtype=np.str_)
