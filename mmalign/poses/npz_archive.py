"""Reading small ``.npz`` files at the speed of the disk.

``numpy.load`` spends most of a small file's time in Python: it seeks and checks member by member
and evaluates every array's header. Here the file is read once, and headers that were seen before
are looked up.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import numpy as np

# APPNOTE.TXT of the zip format, sections 4.3.7, 4.3.12 and 4.3.16.
_END = struct.Struct("<4s4H2LH")
_CENTRAL = struct.Struct("<4s4B4HL2L5H2L")
_LOCAL = struct.Struct("<4s2B4HL2L2H")
_STORED, _DEFLATED = 0, 8


def read_npz(path: str | Path) -> dict[str, np.ndarray]:
    """Read all arrays of an ``.npz`` as ``numpy.savez`` and ``savez_compressed`` write them.

    Nothing is executed: arrays of objects are refused.

    Args:
        path: The file.

    Returns:
        The arrays by name; they cannot be written to.

    Raises:
        OSError: If the file cannot be read.
        ValueError: If it is damaged, or no plain ``.npz``: ``numpy.load`` may still read it.
    """
    with open(path, "rb") as stream:  # noqa: PTH123 (a Path costs as much as the reading)
        data = stream.read()
    try:
        return {
            name.removesuffix(".npy"): _array(member)
            for name, member in _members(data)
            if name.endswith(".npy")
        }
    except (struct.error, zlib.error, IndexError, TypeError) as error:
        raise ValueError(f"damaged archive ({error})") from error


def _members(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Names and checked contents of a zip file's members."""
    signature, _, _, _, count, _, place, comment = _END.unpack_from(data, len(data) - _END.size)
    if signature != b"PK\x05\x06" or comment:
        raise ValueError("no end of an archive")
    for _ in range(count):
        head = _CENTRAL.unpack_from(data, place)
        flags, method, checksum, packed, size = head[5], head[6], head[9], head[10], head[11]
        name_length, extra, remark, start = head[12], head[13], head[14], head[18]
        if head[0] != b"PK\x01\x02" or flags & 1 or max(packed, size) == 0xFFFFFFFF:
            raise ValueError("a member is encrypted or too large")
        place += _CENTRAL.size
        name = data[place : place + name_length].decode("utf-8")
        place += name_length + extra + remark
        local = _LOCAL.unpack_from(data, start)
        start += _LOCAL.size + local[-2] + local[-1]
        content = data[start : start + packed]
        if method == _DEFLATED:
            content = zlib.decompressobj(-zlib.MAX_WBITS).decompress(content, size + 1)
        elif method != _STORED:
            raise ValueError("unknown compression")
        if len(content) != size or zlib.crc32(content) != checksum:
            raise ValueError(f"{name}: wrong length or checksum")
        yield name, content


def _array(content: bytes) -> np.ndarray:
    """One ``.npy`` file's array."""
    end = 10 + struct.unpack_from("<H", content, 8)[0]
    shape, fortran, dtype = _header(content[:end])
    array = np.frombuffer(content, dtype, offset=end)
    return array.reshape(shape, order="F" if fortran else "C")


@lru_cache(maxsize=4096)
def _header(head: bytes) -> tuple[tuple[int, ...], bool, np.dtype]:
    if head[:8] != b"\x93NUMPY\x01\x00":
        raise ValueError("an array of another version")
    shape, fortran, dtype = np.lib.format.read_array_header_1_0(io.BytesIO(head[8:]))
    if dtype.hasobject:
        raise ValueError("an array of objects")
    return shape, fortran, dtype
