"""Skeletons of one's own, from the JSON files that ``$MMALIGN_SKELETONS`` names.

A file holds an object, with joints by name::

    {"name": "dog5", "joints": ["nose", "left_ear", "right_ear", "neck", "tail"],
     "limbs": [["nose", "neck"], ["neck", "tail"]], "flip_pairs": [["left_ear", "right_ear"]],
     "parents": {"nose": "neck", "left_ear": "nose", "right_ear": "nose", "tail": "neck"},
     "limb_groups": {"head": ["nose", "left_ear", "right_ear"]}}

``name``, ``joints`` and ``limbs`` must be there. Several files are separated as in ``PATH``.
"""

from __future__ import annotations

import json
import os
from functools import lru_cache
from pathlib import Path
from typing import Any

from mmalign.errors import InputError
from mmalign.skeletons.skeleton import Skeleton
from mmalign.skeletons.tables import SKELETONS

VARIABLE = "MMALIGN_SKELETONS"
_KEYS = ("name", "joints", "limbs", "flip_pairs", "parents", "limb_groups")


def own_skeletons() -> dict[str, Skeleton]:
    """The skeletons of ``$MMALIGN_SKELETONS`` by name; each file is read once.

    Raises:
        InputError: If a file cannot be read or is no skeleton, or a name is taken.
    """
    return _read_all(os.environ.get(VARIABLE, ""))


@lru_cache
def _read_all(paths: str) -> dict[str, Skeleton]:
    found: dict[str, Skeleton] = {}
    for path in filter(None, paths.split(os.pathsep)):
        skeleton = read_skeleton(path)
        if skeleton.name in found or skeleton.name in SKELETONS:
            raise InputError(f"{path}: the name {skeleton.name!r} is taken; rename the skeleton")
        found[skeleton.name] = skeleton
    return found


def read_skeleton(path: str | Path) -> Skeleton:
    """Read a skeleton from a JSON file of the form above.

    Raises:
        InputError: If it cannot be read or is none.
    """
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{path}: no readable JSON ({error}); see docs/data.md") from error
    try:
        return _skeleton(content)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        reason = str(error) or type(error).__name__
        raise InputError(
            f"{path}: not a skeleton ({reason}), expected an object with {', '.join(_KEYS)} as "
            "docs/data.md has it; correct it"
        ) from error


def _skeleton(content: Any) -> Skeleton:
    unknown = sorted(set(content) - set(_KEYS))
    if unknown:
        raise ValueError(f"{unknown[0]!r} is not a key of one")
    joints = content["joints"]
    if not isinstance(content["name"], str) or not all(isinstance(j, str) for j in joints):
        raise ValueError("its name and its joints' names must be texts")
    number = {joint: index for index, joint in enumerate(joints)}

    def numbers(names: list[str]) -> tuple[int, ...]:
        missing = [name for name in names if name not in number]
        if missing:
            raise ValueError(f"{missing[0]!r} is not one of its joints")
        return tuple(number[name] for name in names)

    def pairs(key: str) -> tuple[tuple[int, int], ...]:
        found = [numbers(pair) for pair in content.get(key, [])]
        return tuple((a, b) for a, b in found)

    parents = content.get("parents", {})
    numbers([*parents, *parents.values()])
    return Skeleton(
        name=content["name"],
        joints=tuple(joints),
        limbs=pairs("limbs"),
        flip_pairs=pairs("flip_pairs"),
        parents=tuple(number[parents[joint]] if joint in parents else -1 for joint in joints),
        limb_groups={
            name: numbers(group) for name, group in content.get("limb_groups", {}).items()
        },
    )
