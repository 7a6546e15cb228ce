"""The config that a checkpoint carries, read without running it.

Upstream (MMEngine 0.10.7) keeps the config as Python source under ``meta.cfg`` and reads it back by
executing it (``BaseInferencer``, ``Config.fromstring``). And its registries take any dotted name
for a ``type``: ``type='os.system'`` in a config, built, is a call. Here the source is parsed, not
run, and every ``type`` that will be built must be the plain name of a registered class.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from mmalign.errors import InputError

_TRUSTED = "name the config file that it was trained with (--config)"


def config_of(checkpoint: Mapping[str, Any], path: str | Path) -> dict[str, Any]:
    """Read the config of a checkpoint, executing nothing.

    Only assignments of literals and of ``dict(...)`` with keywords are understood, which is what
    MMEngine writes.

    Args:
        checkpoint: What `mmalign.compat.read_checkpoint` gave.
        path: Its file, for messages.

    Returns:
        The config's entries.

    Raises:
        InputError: If there is no config, or it holds anything else.
    """
    meta = checkpoint.get("meta")
    text = meta.get("cfg") if isinstance(meta, Mapping) else None
    if not isinstance(text, str):
        raise InputError(f"{path}: carries no config; {_TRUSTED}")
    try:
        module = ast.parse(text)
        return {_target(statement): _value(statement.value) for statement in _assignments(module)}
    # Nesting without end exhausts the parser's stack or memory.
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError) as error:
        reason = str(error) if type(error) is ValueError else "it cannot be parsed"
        raise InputError(
            f"{path}: the config it carries is refused: {reason}; expected assignments of plain"
            f" values and dict(...) only: {_TRUSTED}"
        ) from error


def require_registered(config: Any, names: Collection[str], path: str | Path) -> None:
    """Check that everything in a config that can be built is a registered class of a known name.

    Args:
        config: Nested dicts and lists.
        names: The names that are allowed.
        path: Where the config is from, for messages.

    Raises:
        InputError: If a ``type`` is anything else.
    """
    if isinstance(config, Mapping):
        kind = config.get("type")
        if kind is not None and (not isinstance(kind, str) or kind not in names):
            raise InputError(
                f"{path}: the config it carries asks for {str(kind)[:80]!r}, which is no class of"
                f" mmalign; if you trust it, {_TRUSTED}"
            )
        config = list(config.values())
    if isinstance(config, list | tuple):
        for part in config:
            require_registered(part, names, path)


def _assignments(module: ast.Module) -> list[ast.Assign]:
    for statement in module.body:
        if not isinstance(statement, ast.Assign):
            raise ValueError(f"line {statement.lineno} is no assignment")
    return module.body  # type: ignore[return-value]


def _target(statement: ast.Assign) -> str:
    target = statement.targets[0]
    if len(statement.targets) != 1 or not isinstance(target, ast.Name):
        raise ValueError(f"line {statement.lineno} does not assign to one name")
    return target.id


def _value(node: ast.expr) -> Any:
    """The value of an expression made of literals, lists, tuples, dicts and ``dict(...)``."""
    if isinstance(node, ast.Call):
        plain = len(node.args) <= 1 and all(isinstance(arg, ast.Dict) for arg in node.args)
        if not isinstance(node.func, ast.Name) or node.func.id != "dict" or not plain:
            raise ValueError(f"line {node.lineno} calls something")
        # dict({...}) is how keys are written that are no names.
        first = _value(node.args[0]) if node.args else {}
        return first | {_key(keyword): _value(keyword.value) for keyword in node.keywords}
    if isinstance(node, ast.List | ast.Tuple):
        values = [_value(element) for element in node.elts]
        return values if isinstance(node, ast.List) else tuple(values)
    if isinstance(node, ast.Dict):
        if None in node.keys:
            raise ValueError(f"line {node.lineno} unpacks something")
        keys = [_value(key) for key in node.keys if key is not None]
        return dict(zip(keys, map(_value, node.values), strict=True))
    try:
        return ast.literal_eval(node)
    except ValueError as error:
        raise ValueError(f"line {node.lineno} is no plain value") from error


def _key(keyword: ast.keyword) -> str:
    if keyword.arg is None:
        raise ValueError(f"line {keyword.value.lineno} unpacks something")
    return keyword.arg
