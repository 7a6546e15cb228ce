"""Reading NumPy's files: small ``.npz`` at the speed of the disk, and none that exhausts memory.

``numpy.load`` spends most of a small file's time in Python: it seeks and checks member by member
and evaluates every array's header. Here the file is read once, and headers that were seen before
are looked up. What an archive declares is checked before anything is unpacked: a few hundred bytes
can be made to declare gigabytes.
"""

from __future__ import annotations

import io
import math
import os
import struct
import zipfile
import zlib
from collections.abc import Collection, Mapping
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np

from mmalign.errors import InputError
from mmalign.fileio import MAX_BYTES, check_size

# APPNOTE.TXT of the zip format, sections 4.3.7, 4.3.12 and 4.3.16.
_END = struct.Struct("<4s4H2LH")
_CENTRAL = struct.Struct("<4s4B4HL2L5H2L")
_LOCAL = struct.Struct("<4s2B4HL2L2H")
_STORED, _DEFLATED = zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED
_LONGEST_HEADER = 10_000
"""Bytes; NumPy's own limit for headers from files that are not trusted."""


class Header(NamedTuple):
    """What the start of an ``.npy`` file says of the array in it."""

    shape: tuple[int, ...]
    fortran: bool
    dtype: np.dtype
    length: int

    @property
    def memory(self) -> int:
        """Bytes of the array, at least 8 per number, as readers compute in float64."""
        return math.prod(self.shape) * max(self.dtype.itemsize, 8)

    @property
    def file_size(self) -> int:
        """Bytes of the ``.npy`` file."""
        return self.length + math.prod(self.shape) * self.dtype.itemsize


class _Member(NamedTuple):
    method: int
    checksum: int
    size: int
    content: memoryview

    def unpack(self, limit: int) -> bytes | memoryview:
        """The first ``limit`` bytes."""
        if self.method == _STORED:
            return self.content[:limit]
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(self.content, limit)


def read_npz(path: str | Path, keys: Collection[str] | None = None) -> dict[str, np.ndarray]:
    """Read arrays of an ``.npz`` as ``numpy.savez`` and ``savez_compressed`` write them.

    Nothing is executed: arrays of objects are refused.

    Args:
        path: The file.
        keys: Names of the arrays to read, if they are there; nothing else is unpacked. All if None.

    Returns:
        The arrays by name; some cannot be written to.

    Raises:
        OSError: If the file cannot be read.
        InputError: If the arrays would take more memory than :data:`.fileio.MAX_BYTES`.
        ValueError: If it is damaged, or no ``.npz``; other errors of ``zipfile`` are possible.
    """
    try:
        return _read_plain(path, keys)
    except InputError:
        raise
    except (ValueError, struct.error, zlib.error, IndexError, TypeError):
        # The slower way knows more kinds of archives, and says what is wrong with one.
        return _read_any(path, keys)


def npz_headers(path: str | Path) -> dict[str, Header]:
    """The headers of all arrays of an ``.npz`` by name.

    Raises:
        OSError: As :func:`read_npz`, and ValueError.
    """
    with zipfile.ZipFile(path) as archive:
        return {name: _header_of(archive, info) for name, info in _infos(archive).items()}


def read_npy_header(path: str | Path) -> Header:
    """The header of an ``.npy`` file.

    Raises:
        OSError: As :func:`read_npz`, and ValueError.
    """
    with Path(path).open("rb") as stream:
        return _read_header(stream)


def read_npy(path: str | Path) -> np.ndarray:
    """Read an ``.npy`` file.

    Raises:
        OSError: As :func:`read_npz`, and InputError and ValueError.
    """
    header = read_npy_header(path)
    check_size(path, header.memory)
    with Path(path).open("rb") as stream:
        if header.file_size > os.fstat(stream.fileno()).st_size:
            raise ValueError(f"cut off: its header declares {header.file_size} bytes")
        return np.lib.format.read_array(stream, allow_pickle=False)


def _read_plain(path: str | Path, keys: Collection[str] | None) -> dict[str, np.ndarray]:
    with open(path, "rb") as stream:  # noqa: PTH123 (a Path costs as much as the reading)
        if os.fstat(stream.fileno()).st_size > MAX_BYTES:
            raise ValueError("too large to be read at once")
        data = stream.read()
    members = _members(memoryview(data))
    wanted = {k: m for k, m in members.items() if keys is None or k in keys}
    heads = {name: _plain_header(member) for name, member in wanted.items()}
    _check(path, heads, {name: member.size for name, member in wanted.items()})
    return {name: _array(name, member, heads[name]) for name, member in wanted.items()}


def _members(data: memoryview) -> dict[str, _Member]:
    """The arrays of a zip file, packed."""
    signature, _, _, _, count, _, place, comment = _END.unpack_from(data, len(data) - _END.size)
    if signature != b"PK\x05\x06" or comment:
        raise ValueError("no end of an archive")
    members, spans = {}, []
    for _ in range(count):
        head = _CENTRAL.unpack_from(data, place)
        flags, method, checksum, packed, size = head[5], head[6], head[9], head[10], head[11]
        name_length, extra, remark, start = head[12], head[13], head[14], head[18]
        if head[0] != b"PK\x01\x02" or flags & 1 or max(packed, size) == 0xFFFFFFFF:
            raise ValueError("a member is encrypted or too large")
        if method not in (_STORED, _DEFLATED):
            raise ValueError("unknown compression")
        place += _CENTRAL.size
        name = bytes(data[place : place + name_length]).decode("utf-8")
        place += name_length + extra + remark
        local = _LOCAL.unpack_from(data, start)
        content = start + _LOCAL.size + local[-2] + local[-1]
        spans.append((start, content + packed))
        if name.endswith(".npy"):
            key = name.removesuffix(".npy")
            if key in members:
                raise ValueError(f"two arrays {key!r}")
            members[key] = _Member(method, checksum, size, data[content : content + packed])
    spans.sort()
    if any(end > start for (_, end), (start, _) in zip(spans, spans[1:], strict=False)):
        raise ValueError("overlapping members")
    return members


def _plain_header(member: _Member) -> Header:
    start = bytes(member.unpack(256))
    end = 10 + struct.unpack_from("<H", start, 8)[0]
    if end > len(start):
        if end > _LONGEST_HEADER:
            raise ValueError("an array's header is too long")
        start = bytes(member.unpack(end))
    return _parse(start[:end])


def _array(name: str, member: _Member, head: Header) -> np.ndarray:
    content = member.unpack(member.size + 1)
    if len(content) != member.size or zlib.crc32(content) != member.checksum:
        raise ValueError(f"{name}: wrong length or checksum")
    array = np.frombuffer(content, head.dtype, offset=head.length)
    return array.reshape(head.shape, order="F" if head.fortran else "C")


@lru_cache(maxsize=4096)
def _parse(head: bytes) -> Header:
    return _read_header(io.BytesIO(head))


def _read_header(stream: BinaryIO) -> Header:
    version = np.lib.format.read_magic(stream)
    if version != (1, 0):  # Others have headers of up to 4 GiB.
        raise ValueError(f"an array of version {version}")
    shape, fortran, dtype = np.lib.format.read_array_header_1_0(stream)
    if dtype.hasobject:
        raise ValueError("an array of objects, which would have to be unpickled")
    if any(n < 0 for n in shape):
        raise ValueError(f"an array of shape {shape}")
    return Header(shape, fortran, dtype, stream.tell())


def _check(path: str | Path, heads: Mapping[str, Header], sizes: Mapping[str, int]) -> None:
    """Check what is declared: the headers of the arrays against the archive and the ceiling."""
    check_size(path, sum(head.memory for head in heads.values()))
    for name, head in heads.items():
        if head.file_size != sizes[name]:
            raise ValueError(
                f"{name}: the archive declares {sizes[name]} bytes, its header {head.file_size}"
            )


def _read_any(path: str | Path, keys: Collection[str] | None) -> dict[str, np.ndarray]:
    with zipfile.ZipFile(path) as archive:
        infos = {k: v for k, v in _infos(archive).items() if keys is None or k in keys}
        heads = {name: _header_of(archive, info) for name, info in infos.items()}
        _check(path, heads, {name: info.file_size for name, info in infos.items()})
        arrays = {}
        for name, info in infos.items():
            with archive.open(info) as stream:
                arrays[name] = np.lib.format.read_array(stream, allow_pickle=False)
        return arrays


def _infos(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """The members that are arrays, if no two share bytes: one short body may stand for many."""
    members = sorted(archive.infolist(), key=lambda info: info.header_offset)
    for one, following in zip(members, members[1:], strict=False):
        if one.header_offset + _LOCAL.size + one.compress_size > following.header_offset:
            raise ValueError(f"{one.filename!r} and {following.filename!r} overlap")
    if any(info.compress_type not in (_STORED, _DEFLATED) for info in members):
        raise ValueError("unknown compression")
    return {
        info.filename.removesuffix(".npy"): info
        for info in members
        if info.filename.endswith(".npy")
    }


def _header_of(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Header:
    with archive.open(info) as stream:
        return _read_header(stream)  # type: ignore[arg-type]
