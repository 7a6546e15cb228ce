"""MMEngine's training history as plain containers, and back.

Upstream (MMEngine 0.10.7) pickles ``HistoryBuffer`` objects, numpy scalars and whatever hooks leave
in the message hub into every checkpoint; a loader that runs no code cannot read those back.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from mmengine.logging import HistoryBuffer

_MARK = "history_buffer"


def to_plain(value: Any, name: str = "value") -> Any:
    """Rebuild ``value`` from tensors, containers, strings, numbers and ``None`` alone.

    Args:
        value: Any nesting of those, of numpy arrays and scalars (lists and numbers afterwards),
            and of ``HistoryBuffer`` (see `restore_history`).
        name: What to call ``value`` in an error.

    Raises:
        TypeError: If it holds anything else, naming where.
    """
    if isinstance(value, HistoryBuffer):
        log, count = value.data
        plain = {"log": torch.from_numpy(log), "count": torch.from_numpy(count)}
        return {_MARK: plain | {"max_length": int(value.max_length)}}
    if isinstance(value, np.ndarray | np.generic):
        return to_plain(value.tolist(), name)
    if isinstance(value, torch.nn.Parameter):
        return value.detach()
    if value is None or type(value) in (bool, int, float, str, bytes, torch.Tensor):
        return value
    if isinstance(value, Mapping):
        return {_key(key, name): to_plain(item, f"{name}[{key!r}]") for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        items = [to_plain(item, f"{name}[{i}]") for i, item in enumerate(value)]
        return tuple(items) if isinstance(value, tuple) else items
    raise TypeError(
        f"{name} is a {type(value).__module__}.{type(value).__qualname__}, which no checkpoint can"
        " hold: expected tensors and plain containers"
    )


def _key(key: Any, name: str) -> str | int | tuple[Any, ...]:
    plain = to_plain(key, f"a key of {name}")
    if not isinstance(plain, str | int | tuple):
        raise TypeError(f"a key of {name} is a {type(key).__name__}: expected a string or a number")
    return plain


def restore_history(scalars: Mapping[str, Any]) -> dict[str, Any]:
    """Make ``HistoryBuffer`` objects again from what `to_plain` made of them.

    Args:
        scalars: The ``log_scalars`` of a message hub's state.

    Returns:
        The same with buffers in the place of their plain form; other entries unchanged.
    """
    return {name: _restore(value) for name, value in scalars.items()}


def _restore(value: Any) -> Any:
    if not (isinstance(value, dict) and set(value) == {_MARK}):
        return value
    plain = value[_MARK]
    # A resuming runner maps the whole checkpoint to its device; a history is numpy.
    log, count = (plain[key].cpu().numpy() for key in ("log", "count"))
    return HistoryBuffer(log, count, plain["max_length"])
