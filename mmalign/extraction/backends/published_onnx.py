"""The ONNX files of RTMPose and its detectors that OpenMMLab publishes, fetched once.

rtmlib knows the addresses. Its own download unpacks into one folder for all, which processes that
start together would take from each other; here a file appears under its name when it is whole.
"""

from __future__ import annotations

import os
import sys
import zipfile
from collections.abc import Iterator
from http.client import HTTPException
from pathlib import Path, PurePosixPath
from tempfile import TemporaryFile
from typing import IO
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from mmalign.errors import InputError
from mmalign.fileio import BROKEN_ARCHIVE, atomic_write, cache_folder

SIZES = ("lightweight", "balanced", "performance")
"""rtmlib's names of networks for bodies."""
_PATIENCE = 20.0
_MOST_BYTES = 2**30


def published_onnx(part: str, size: str) -> Path:
    """An ONNX file, out of the cache (or rtmlib's own), or fetched.

    Args:
        part: ``pose`` or ``det``.
        size: One of :data:`SIZES`.

    Raises:
        InputError: It can be fetched from nowhere.
    """
    there = find_onnx(part, size)
    if there is not None:
        return there
    address = _address(part, size)
    path = cache_folder("models") / _file(address)
    reasons = []
    for place in _places(address):
        try:
            _fetch(place, path)
            return path
        # Of the network, and of what came instead of an archive with such a file.
        except (OSError, HTTPException, *BROKEN_ARCHIVE) as error:
            why = getattr(error, "reason", error)
            why = why if isinstance(why, OSError) else error
            reasons.append(f"{urlsplit(place).netloc} ({getattr(why, 'strerror', None) or why})")
    raise InputError(
        f"{'--model' if part == 'pose' else '--detector'} {size}: cannot be downloaded"
        f" from {', '.join(reasons)}; name an ONNX file instead"
    )


def find_onnx(part: str, size: str) -> Path | None:
    """An ONNX file as of :func:`published_onnx`, if it has been fetched."""
    name = _file(_address(part, size))
    places = (cache_folder("models") / name, _rtmlib_folder() / name)
    return next((there for there in places if there.is_file()), None)


def _address(part: str, size: str) -> str:
    from rtmlib import Body

    return str(Body.MODE[size][part])


def _file(address: str) -> str:
    return f"{PurePosixPath(address).stem}.onnx"


def _places(address: str) -> Iterator[str]:
    yield address
    from rtmlib.tools import file

    mirror = getattr(file, "get_mirror_url", lambda address: None)(address)
    if mirror is not None:
        yield mirror


def _fetch(address: str, path: Path) -> None:
    """Write the one ONNX file of an archive."""
    request = Request(address, headers={"User-Agent": "mmalign"})
    with TemporaryFile() as archive:
        with urlopen(request, timeout=_PATIENCE) as answer:
            print(f"fetching {path.stem} (once)", file=sys.stderr)
            _copy(answer, archive)
        with zipfile.ZipFile(archive) as members:
            name = next((name for name in members.namelist() if name.endswith(".onnx")), None)
            if name is None:
                raise zipfile.BadZipFile("no ONNX file in it")
            with members.open(name) as content, atomic_write(path) as temporary:
                with temporary.open("wb") as file:
                    _copy(content, file)


def _copy(source: IO[bytes], target: IO[bytes]) -> None:
    while block := source.read(1 << 20):
        if target.tell() > _MOST_BYTES:
            raise zipfile.BadZipFile(f"more than {_MOST_BYTES} bytes")
        target.write(block)


def _rtmlib_folder() -> Path:
    """Where rtmlib keeps what it downloads itself."""
    home = os.environ.get("XDG_CACHE_HOME", "~/.cache")
    return Path(os.environ.get("TORCH_HOME", f"{home}/rtmlib")).expanduser() / "hub/checkpoints"
