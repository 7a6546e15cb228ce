"""Every skeleton by name: those of the tables, and the user's own from files."""

from __future__ import annotations

from mmalign.errors import InputError
from mmalign.skeletons.files import own_skeletons
from mmalign.skeletons.skeleton import Skeleton
from mmalign.skeletons.tables import SKELETONS


def get_skeleton(name: str) -> Skeleton:
    """Look a skeleton up by its name, also one of :mod:`mmalign.skeletons.files`.

    Raises:
        InputError: If there is none of that name; the message lists those there are.
    """
    found = SKELETONS.get(name) or own_skeletons().get(name)
    if found is None:
        raise InputError(
            f"unknown skeleton {name!r}; expected one of {', '.join(list_skeletons())}, or one of "
            "your own in a file that MMALIGN_SKELETONS names"
        )
    return found


def list_skeletons() -> tuple[str, ...]:
    """Names of all skeletons, one's own last."""
    return (*SKELETONS, *own_skeletons())
