"""Writing files so that a reader never meets a half-written one, and reading none too large."""

from __future__ import annotations

import errno
import json
import math
import os
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mmalign.errors import InputError, WriteError

MAX_BYTES = 2**29
"""Most bytes that a reader makes of one file's arrays, at 8 bytes per number: 512 MiB.

That is 15 hours of 13 joints at 30 frames per second, or an hour and a half of 133.
"""


def check_size(path: str | Path, declared: int, what: str = "its arrays") -> None:
    """Refuse what would take more than :data:`MAX_BYTES`, before memory is taken for it.

    Args:
        path: The file, for the message.
        declared: Bytes that it says, or was found, to hold.
        what: What holds them.

    Raises:
        InputError: If they are too many.
    """
    if declared > MAX_BYTES:
        raise InputError(
            f"{path}: {what} would take {declared >> 20} MiB of memory, expected at most "
            f"{MAX_BYTES >> 20}; split the clip into several files, or do not trust this one"
        )


@contextmanager
def told_where_writing_fails(path: str | Path) -> Iterator[None]:
    """Name the path where the body, which does nothing but make or change it, fails.

    Raises:
        WriteError: If the system refuses.
    """
    try:
        yield
    except OSError as error:
        raise WriteError(
            f"{path}: cannot be written ({error.strerror}); name a folder you may write to"
        ) from error


@contextmanager
def atomic_write(path: str | Path) -> Iterator[Path]:
    """Write a file under a temporary name beside it and rename it when all went well.

    The temporary name keeps the suffix of ``path``, which some writers (``numpy.savez``) look at.
    When the body raises, ``path`` is left as it was and the temporary file is deleted.

    Args:
        path: The file to write. Missing parent folders are made.

    Yields:
        The temporary path; the body writes there.

    Raises:
        WriteError: If the folder cannot be made or written to, or the disk is full.
    """
    path = Path(path)
    with told_where_writing_fails(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(
            prefix=f".{path.stem}.", suffix=path.suffix, dir=path.parent
        )
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        # Else a machine that loses power may keep the new name and lose the content.
        with temporary.open("rb") as stream:
            os.fsync(stream.fileno())
        # mkstemp makes files only their owner may read; give the usual permissions instead.
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
        temporary.replace(path)
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        raise no_room(path, error) from error
    finally:
        temporary.unlink(missing_ok=True)


NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""A full disk, a full share of one, and a file larger than the shell lets it be (``ulimit -f``)."""


def no_room(path: str | Path, error: OSError) -> WriteError:
    """What to raise where the system says one of :data:`NO_ROOM`."""
    return WriteError(
        f"{path}: cannot be written ({error.strerror}); make room, lift the limit or name another"
        " folder, and run this again"
    )


BROKEN_ARCHIVE = (
    zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError,
)  # fmt: skip
"""What :mod:`zipfile` raises of a file that is damaged, encrypted or packed in another way."""


def write_json(path: str | Path, content: Any) -> None:
    """Write content as indented JSON, by :func:`atomic_write`.

    NumPy's and torch's numbers become plain ones; what is not finite (a figure that is not defined)
    becomes ``null``.

    Raises:
        WriteError: As there.
    """
    text = json.dumps(_plain(content), indent=2, allow_nan=False)
    with atomic_write(path) as temporary:
        temporary.write_text(text + "\n", encoding="utf-8")


def _plain(value: Any) -> Any:
    """The value with plain containers and numbers, None for what is not finite."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def cache_folder(kind: str) -> Path:
    """Where what can be made again is kept: ``$MMALIGN_CACHE/KIND``, else in ``~/.cache/mmalign``.

    Args:
        kind: name of the folder, such as ``poses`` or ``frames``.
    """
    return Path(os.environ.get("MMALIGN_CACHE") or Path.home() / ".cache" / "mmalign") / kind
