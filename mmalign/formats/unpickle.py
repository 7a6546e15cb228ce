"""Reading pickles of arrays and plain containers, and of nothing else.

A pickle is a program: the ordinary unpickler runs whatever callable it names. This one knows a
fixed handful of names, replaces NumPy's by functions that check their arguments, and sets the
state of nothing but arrays and data types.
"""

from __future__ import annotations

import math
import pickle
from collections import OrderedDict
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from mmalign.errors import InputError

_KINDS = "biufcSUO"


class PickledObject:
    """Stands for an object whose class is not loaded.

    Attributes:
        state: What the pickle says of it: names and plain values, or other such objects.
    """

    state: dict[str, Any]

    def __new__(cls, *_: Any) -> PickledObject:
        """An object without a state, whatever a pickle calls the class with."""
        made = super().__new__(cls)
        made.state = {}
        return made


def restricted_load(path: str | Path, inert: Collection[str] = ()) -> Any:
    """Read a pickle file that holds only plain containers, strings, numbers and NumPy arrays.

    The pickle may lie in an ``.npy`` file, as ``numpy.save`` writes dicts.

    Args:
        path: The file.
        inert: Packages whose objects the pickle may hold. They are not imported: a
            :class:`PickledObject` stands for each of their objects.

    Raises:
        InputError: If the file is missing or damaged, or names anything else; the message says
            what. Nothing of it is executed.
    """
    if not Path(path).is_file():
        raise InputError(f"{path}: no such file; check the path")
    with Path(path).open("rb") as stream:
        return restricted_loads(stream, str(path), inert)


def restricted_loads(stream: BinaryIO, path: str, inert: Collection[str] = ()) -> Any:
    """Read a pickle from a stream, as :func:`restricted_load` does from a file.

    Args:
        stream: Stands where the pickle, or an ``.npy`` file with one, begins.
        path: What errors name.
        inert: As there.

    Raises:
        InputError: As there.
    """
    try:
        _skip_npy_header(stream)
        return _RestrictedUnpickler(stream, inert).load()
    except _RefusedError as refused:
        raise InputError(
            f"{path}: refused to unpickle {refused}; expected plain containers and NumPy arrays "
            "only; convert the file, and do not trust it"
        ) from None
    # A damaged pickle fails in any of a dozen ways; for the reader all mean the same.
    except Exception as error:
        raise InputError(
            f"{path}: not a readable pickle ({type(error).__name__}: {error}); "
            "download the file again"
        ) from error


class _RefusedError(Exception):
    """The pickle wants something that is not allowed."""


def _skip_npy_header(stream: BinaryIO) -> None:
    """Go to the pickle in an ``.npy`` file of objects; stay at the start of any other file."""
    if stream.read(6) != np.lib.format.MAGIC_PREFIX:
        stream.seek(0)
        return
    stream.seek(0)
    if np.lib.format.read_magic(stream) != (1, 0):
        raise ValueError("an .npy file of another version than 1.0")
    _, _, dtype = np.lib.format.read_array_header_1_0(stream)
    if not dtype.hasobject:
        raise ValueError("an .npy file of numbers, not of pickled objects")


class _NdarrayType:
    """Stands for ``numpy.ndarray`` where a pickle names the type to reconstruct."""


def _reconstruct(kind: Any, shape: Any, typecode: Any) -> np.ndarray:
    """An empty array, as NumPy makes it before its state is set."""
    if kind is not _NdarrayType:
        raise _RefusedError("an array of another type than numpy.ndarray")
    return np.ndarray((0,), "b")


def _dtype(code: Any, align: Any = False, copy: Any = True) -> np.dtype:
    # A copy: the state of NumPy's own shared object must not be set.
    dtype = np.dtype(code, False, True) if isinstance(code, str) else None
    if dtype is None or dtype.kind not in _KINDS or dtype.fields or dtype.subdtype:
        raise _RefusedError(f"the array type {code!r:.60}")
    return dtype


def _reconstructor(kind: Any, base: Any, state: Any) -> PickledObject:
    """An object as old protocols write it."""
    if kind is not PickledObject:
        raise _RefusedError("an object of a plain type")
    return PickledObject()


def _frombuffer(buffer: Any, dtype: Any, shape: Any, order: Any, axis_order: Any = None) -> Any:
    """An array from its bytes, as NumPy pickles contiguous arrays with protocol 5."""
    array = np.frombuffer(_encode(buffer), dtype=_plain(dtype)).reshape(shape, order=order)
    return array.copy(order)


def _scalar(dtype: Any, data: Any = b"") -> Any:
    return np.frombuffer(_encode(data), dtype=_plain(dtype), count=1)[0]


def _encode(text: Any = "", encoding: str = "latin1") -> bytes:
    """Bytes that an old protocol wrote as text, or as nothing where there are none."""
    if isinstance(text, str) and encoding in ("latin1", "latin-1"):
        return text.encode("latin1")
    if isinstance(text, (bytes, bytearray)):
        return bytes(text)
    raise _RefusedError(f"{type(text).__name__} as bytes in {encoding!r}")


def _plain(dtype: Any) -> np.dtype:
    if not isinstance(dtype, np.dtype) or dtype.hasobject:
        raise _RefusedError("an array of objects made from bytes")
    return dtype


_ALLOWED: dict[tuple[str, str], Callable[..., Any]] = {
    ("builtins", "bytes"): _encode,
    ("builtins", "set"): set,
    ("builtins", "frozenset"): frozenset,
    ("builtins", "complex"): complex,
    ("collections", "OrderedDict"): OrderedDict,
    ("_codecs", "encode"): _encode,
    ("numpy", "ndarray"): _NdarrayType,
    ("numpy", "dtype"): _dtype,
}
# NumPy 2 moved its internals; files of either release are read.
for _package in ("numpy.core", "numpy._core"):
    _ALLOWED[_package + ".multiarray", "_reconstruct"] = _reconstruct
    _ALLOWED[_package + ".multiarray", "scalar"] = _scalar
    _ALLOWED[_package + ".numeric", "_frombuffer"] = _frombuffer
# How protocols 0 and 1 make an object; of use only with inert objects.
_OLD_OBJECTS: dict[tuple[str, str], Callable[..., Any]] = {
    ("copy_reg", "_reconstructor"): _reconstructor,
    ("copyreg", "_reconstructor"): _reconstructor,
    ("builtins", "object"): PickledObject,
}


# The unpickler written in C does not let the setting of an object's state be checked.
class _RestrictedUnpickler(pickle._Unpickler):
    stack: list[Any]
    # Its table of operations is copied, so that the change below stays in this class.
    dispatch = dict(pickle._Unpickler.dispatch)

    def __init__(self, stream: BinaryIO, inert: Collection[str] = ()) -> None:
        super().__init__(stream, encoding="latin1")
        self.inert = inert

    def find_class(self, module: str, name: str) -> Any:
        # Protocols up to 2 use Python 2's name of the module.
        module = "builtins" if module == "__builtin__" else module
        if module.partition(".")[0] in self.inert:
            return PickledObject
        if self.inert and (module, name) in _OLD_OBJECTS:
            return _OLD_OBJECTS[module, name]
        try:
            return _ALLOWED[module, name]
        except KeyError:
            raise _RefusedError(f"{module}.{name}") from None

    def load_build(self) -> None:
        state = self.stack.pop()
        target = self.stack[-1]
        if isinstance(target, np.dtype):
            # Only the byte order is taken: a forged size or flag would let bytes pass as objects.
            _set_byte_order(target, state)
        elif type(target) is np.ndarray:
            target.__setstate__(_array_state(state))
        elif isinstance(target, PickledObject) and isinstance(state, dict):
            target.state = state
        else:
            raise _RefusedError(f"the state of a {type(target).__name__}")

    dispatch[pickle.BUILD[0]] = load_build  # type: ignore[assignment]


def _array_state(state: Any) -> tuple[Any, ...]:
    """The state of an array, if its content is as long as its shape says; NumPy does not look."""
    _, shape, dtype, fortran, data = state
    if not isinstance(dtype, np.dtype) or not all(type(n) is int and n >= 0 for n in shape):
        raise _RefusedError("an array without a type or shape")
    if dtype.hasobject:
        length, found = math.prod(shape), len(data) if isinstance(data, list) else -1
    else:
        data = _encode(data)
        length, found = math.prod(shape) * dtype.itemsize, len(data)
    if found != length:
        raise _RefusedError("an array whose content does not fill its shape")
    return 1, tuple(shape), dtype, bool(fortran), data


def _set_byte_order(dtype: np.dtype, state: Any) -> None:
    order = state[1] if isinstance(state, tuple) and len(state) > 4 else None
    if order not in ("<", ">", "|", "=") or any(part is not None for part in state[2:5]):
        raise _RefusedError("a structured array type")
    if dtype.kind != "O" and order in ("<", ">"):
        sizes = (dtype.itemsize, dtype.alignment) if dtype.kind in "SU" else (-1, -1)
        dtype.__setstate__((3, order, None, None, None, *sizes, dtype.flags))  # type: ignore[attr-defined]
