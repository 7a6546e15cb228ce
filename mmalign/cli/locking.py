"""Keeping two commands from writing into one folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from mmalign.errors import InputError
from mmalign.fileio import told_where_writing_fails

_RANKS = {"pytorch": "RANK", "slurm": "SLURM_PROCID", "mpi": "OMPI_COMM_WORLD_RANK"}


@contextmanager
def alone_in(folder: str | Path, launcher: str = "none") -> Iterator[tuple[int, ...]]:
    """Keep other commands from writing into a folder; the system lets go if this process ends.

    Args:
        folder: Made if missing; ``.lock`` in it is locked.
        launcher: How the processes of this command were started: the first of them locks.

    Yields:
        Descriptors, one or none; a process that inherits it holds the lock too, so that what a
        killed command leaves running still has it.

    Raises:
        InputError: If another command writes there.
        WriteError: If the folder cannot be written to.
    """
    if int(os.environ.get(_RANKS.get(launcher, ""), 0)):
        yield ()
        return
    with told_where_writing_fails(folder):
        Path(folder).mkdir(parents=True, exist_ok=True)
    lock = FileLock(Path(folder, ".lock"), timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise InputError(
            f"{folder}: another command is writing there, or one that an ended command has left"
            " running; wait for it, or end it, and run this again"
        ) from error
    except (OSError, NotImplementedError):
        pass  # Some file systems of clusters know no locks.
    descriptor = lock._context.lock_file_fd if os.name == "posix" else None
    try:
        yield () if descriptor is None else (descriptor,)
    finally:
        lock.release()
