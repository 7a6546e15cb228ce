"""The one place where an error of the user's becomes a line and an exit status."""

from __future__ import annotations

import functools
import io
import sys
from collections.abc import Sequence
from typing import Protocol

from mmalign.errors import InputError
from mmalign.fileio import NO_ROOM, no_room


class Main(Protocol):
    """A command: takes the arguments (``None`` = ``sys.argv``) and returns the exit status."""

    def __call__(self, argv: Sequence[str] | None = None) -> int:
        """Run the command."""


def guarded(main: Main) -> Main:
    """Let ``main`` report an `InputError` as ``error: …`` on stderr with exit status 2.

    An interrupt (Ctrl-C) ends with status 130 and no traceback.
    """

    @functools.wraps(main)
    def wrapper(argv: Sequence[str] | None = None) -> int:
        _print_any_name()
        try:
            status = main(argv)
            sys.stdout.flush()
            return status
        except InputError as error:
            print(f"error: {_own_text(error)}", file=sys.stderr)
            return 2
        except OSError as error:
            if error.errno not in NO_ROOM:
                raise
            where = error.filename or "the output"
            print(f"error: {no_room(where, error)}", file=sys.stderr)
            return 2
        except KeyboardInterrupt:
            print("interrupted", file=sys.stderr)
            return 130

    return wrapper


def _print_any_name() -> None:
    """Let names of files that are not UTF-8 be printed, with escapes for their odd bytes."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _own_text(error: InputError) -> str:
    """Return the message without the traceback that torch's loader puts before it.

    An error of a loader's worker comes as a new one: ``Caught InputError in DataLoader worker
    process 0. Original Traceback … mmalign.errors.InputError: <message>``.
    """
    return str(error).rsplit(f"{InputError.__module__}.{InputError.__qualname__}: ", 1)[-1]
