"""Lines that compiled libraries write to the terminal.

LiteRT 2.3.0 announces its delegate on stderr when a network is opened (``INFO: Created TensorFlow
Lite XNNPACK delegate for CPU.``), past Python's ``sys.stderr`` and logging; its Python interface
has no setting for it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def silent_stderr() -> Iterator[None]:
    """What the body writes to file descriptor 2 is not seen; its exceptions are.

    Other threads' lines are lost, too: keep the body short.
    """
    sys.stderr.flush()
    try:
        before = os.dup(2)
    except OSError:  # There is no stderr.
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
        sys.stderr.flush()
    finally:
        os.dup2(before, 2)
        os.close(before)
        os.close(nowhere)
