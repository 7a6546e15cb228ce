"""Checkpoints that MMPose and MMDetection wrote, read without running what is in them.

Upstream (MMEngine 0.10.7) saves with the weights the curves of its message hub (``HistoryBuffer``)
and NumPy arrays (MMPose's sigmas and colours of joints), which torch's safe unpickler refuses: the
published files, and all that somebody trained himself, could not be read by it. Those few classes
hold numbers and nothing else, so they are allowed here; anything besides stays refused.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from mmengine.logging import HistoryBuffer
from mmengine.runner import CheckpointLoader

# Replaces MMEngine's loaders, which unpickle anything.
import mmalign.compat.checkpoint  # noqa: F401

# What pickle calls to make an array and a number of NumPy. The functions' own modules have moved.
_ARRAY = np.zeros(1).__reduce__()[0]
_NUMBER = np.float64(0).__reduce__()[0]
_KINDS = "?bBhHiIlLqQefd"
_DTYPES = {type(np.dtype(kind)) for kind in _KINDS}
# What pickle calls the kinds: b1, i8, f4, ...
_CODES = {np.dtype(kind).str[1:] for kind in _KINDS}


def _dtype(code: str, align: bool = False, copy: bool = False) -> np.dtype[Any]:
    """A function under the name of ``numpy.dtype`` that makes NumPy's own kinds of numbers only.

    A copy, which files ask for, would take what a file sets in it: fields of Python objects, say,
    whose addresses are the file's. NumPy's own lets nothing be set (nor another byte order).
    """
    if code not in _CODES:
        raise pickle.UnpicklingError(f"Unsupported global: numpy.dtype({code!r})")
    return np.dtype(code)


_dtype.__module__, _dtype.__qualname__, _dtype.__name__ = "numpy", "dtype", "dtype"


def _stand_in(module: str) -> Any:
    """A function under the name of `getattr` that looks nothing up.

    A ``HistoryBuffer``'s state holds methods, named by ``getattr``, which must not be called for a
    file.
    """

    def attribute(owner: object, name: str) -> None:
        return None

    attribute.__module__, attribute.__qualname__, attribute.__name__ = module, "getattr", "getattr"
    return attribute


class _Curve:
    """Takes the state of a ``HistoryBuffer``, whose own way writes what it reads into its class."""


_Curve.__module__, _Curve.__qualname__ = HistoryBuffer.__module__, HistoryBuffer.__qualname__
_Curve.__name__ = HistoryBuffer.__name__

PLAIN = [
    *(_ARRAY, _NUMBER, np.ndarray, _dtype, *_DTYPES, _Curve),
    *(_stand_in("builtins"), _stand_in("__builtin__")),
]


def read_openmmlab_checkpoint(source: str) -> dict[str, Any]:
    """Read a checkpoint of MMPose or MMDetection, see `mmalign.compat.read_checkpoint`.

    Args:
        source: A file, or an address that is downloaded once.

    Returns:
        The checkpoint.

    Raises:
        InputError: If it is missing, damaged, no checkpoint, or would have to run code.
    """
    with plain_openmmlab_content():
        return CheckpointLoader.load_checkpoint(source, map_location="cpu", logger="silent")


@contextmanager
def plain_openmmlab_content() -> Iterator[None]:
    """Let MMEngine's loaders read such files while the context lasts."""
    # torch 2.4 has no such context of its own.
    before = torch.serialization.get_safe_globals()
    torch.serialization.add_safe_globals(PLAIN)
    try:
        yield
    finally:
        torch.serialization.clear_safe_globals()
        torch.serialization.add_safe_globals(before)
