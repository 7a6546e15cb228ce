"""Long lists that worker processes share without copying them."""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar, overload

import numpy as np

Item = TypeVar("Item")


class PackedList(Sequence[Item]):
    """A list that keeps its items as bytes in one array and makes an item when it is asked for.

    Looking at an object changes its reference count, so that a forked worker copies, page by page,
    whatever objects it looks at; it copies nothing of an array. The items take less memory, too.

    Args:
        items: What it holds; anything that can be pickled.
    """

    def __init__(self, items: Iterable[Item]) -> None:
        parts = [pickle.dumps(item, protocol=pickle.HIGHEST_PROTOCOL) for item in items]
        self._ends = np.cumsum([0, *map(len, parts)])
        self._data = np.frombuffer(b"".join(parts), dtype=np.uint8)

    def __len__(self) -> int:
        """Number of items."""
        return len(self._ends) - 1

    @overload
    def __getitem__(self, index: int) -> Item: ...
    @overload
    def __getitem__(self, index: slice) -> list[Item]: ...
    def __getitem__(self, index: Any) -> Any:
        """One item, made anew, or a list of them."""
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        index = range(len(self))[index]
        # Its own bytes, made above: nothing that came from a file.
        return pickle.loads(self._data[self._ends[index] : self._ends[index + 1]].tobytes())
