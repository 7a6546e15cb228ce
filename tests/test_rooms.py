"""The rooms of the package: each imports only what lies below it, and no modules in a circle."""

from __future__ import annotations

import ast
import graphlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import mmalign

PACKAGE = Path(mmalign.__file__).parent

# From the ground up: a room may import itself and those before it.
ROOMS = (
    "version", "errors", "fileio", "registry", "compat", "functional", "skeletons", "poses",
    "structures", "video", "formats", "toy", "datasets", "models", "evaluation", "analysis",
    "visualization", "extraction", "apis", "engine", "experiments", "cli", "doctor",
)  # fmt: skip


def modules() -> dict[str, Path]:
    """All modules of the package by name; a package's name is that of its ``__init__``."""
    found = {}
    for path in PACKAGE.rglob("*.py"):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imported(name: str, path: Path) -> Iterator[str]:
    """Modules of this package that a module imports, at its top or inside a function."""
    known = modules_of_the_package()
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, *([base] if base else [])])
            for alias in node.names:
                one = f"{base}.{alias.name}"
                yield from (
                    target for target in ([one] if one in known else [base]) if target in known
                )


@cache
def modules_of_the_package() -> dict[str, Path]:
    return modules()


@cache
def edges() -> dict[str, set[str]]:
    return {
        name: {target for target in imported(name, path) if target != name}
        for name, path in modules_of_the_package().items()
    }


def room(name: str) -> str:
    return (name.split(".") + [""])[1]


def test_every_room_is_in_the_list() -> None:
    assert {room(name) for name in edges()} - {""} == set(ROOMS)


@pytest.mark.parametrize("above", ROOMS)
def test_a_room_imports_only_rooms_below_it(above: str) -> None:
    allowed = {"", *ROOMS[: ROOMS.index(above) + 1]}
    up = [
        f"{name} imports {target}"
        for name, targets in edges().items()
        if room(name) == above
        for target in targets
        if room(target) not in allowed
    ]
    assert not up


def test_no_modules_import_each_other_in_a_circle() -> None:
    graphlib.TopologicalSorter(edges()).prepare()  # It raises a CycleError that names them.


def test_what_lies_below_the_networks_needs_no_toolbox_from_upstream() -> None:
    for name, path in modules_of_the_package().items():
        if room(name) not in ("functional", "skeletons", "poses", "video", "formats"):
            continue
        nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        names = [n.module or "" for n in nodes if isinstance(n, ast.ImportFrom) and not n.level]
        assert not [n for n in names if n.split(".")[0] in ("mmcv", "mmengine", "mmaction")], name
