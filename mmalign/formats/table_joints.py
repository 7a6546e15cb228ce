"""Which joints of which skeleton the joints of a table are, by their names or numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mmalign.errors import InputError
from mmalign.formats.table_header import joint_number
from mmalign.skeletons import Skeleton, get_skeleton, list_skeletons
from mmalign.skeletons.joint_sets import DEFAULT_SKELETONS

_FINGER = {"thumb": ("cmc", "mcp", "ip", "tip"), "": ("mcp", "pip", "dip", "tip")}
_ALIASES = {"head": "head_top", "hip": "mid_hip"}


def match_joints(
    joints: Sequence[str], chosen: str | None, complete: bool, source: str
) -> tuple[str, list[int]]:
    """Find the joints of a table in a skeleton.

    Args:
        joints: Different names as :func:`.table_header.plain` gives them, or numbers as text.
        chosen: The skeleton; None to find the one that has exactly these joints.
        complete: Whether joints that were never found are among them, as they are if joints have
            columns and not rows. Only then the lowest number is surely that of the first joint.
        source: What errors name.

    Returns:
        The skeleton's name and per joint its index there; -1 if it is of no joint and none is
        missing.

    Raises:
        InputError: If no skeleton fits.
    """
    numbers = {joint: n for joint in joints if (n := joint_number(joint)) is not None}
    if 2 * len(numbers) > len(joints):
        # Names among many numbers are of no joints: x_min, x_max.
        name, indices = _by_number([*numbers.values()], chosen, complete, source)
        index = dict(zip(numbers, indices, strict=True))
        return name, [index.get(joint, -1) for joint in joints]
    if chosen is not None:
        return chosen, _by_name(joints, get_skeleton(chosen), source)
    found = {name: joint_indices(joints, get_skeleton(name)) for name in list_skeletons()}
    for name, indices in found.items():
        if sorted(indices) == list(range(get_skeleton(name).num_joints)):
            return name, indices
    near = max(found, key=lambda name: len({*found[name]} - {-1}))
    unknown = [j for j, i in zip(joints, found[near], strict=True) if i < 0]
    count, size = len({*found[near]} - {-1}), get_skeleton(near).num_joints
    hint = (
        f"nearest is {near} ({count} of its {size} joints"
        + (f", not {', '.join(unknown):.60}" if unknown else "")
        + ")"
    )
    raise InputError(
        f"{source}: found the joints {', '.join(joints):.120}, expected all joints of a known "
        f"skeleton and no others; {hint}; rename the columns or name the skeleton with --skeleton"
    )


def _by_name(joints: Sequence[str], skeleton: Skeleton, source: str) -> list[int]:
    indices = joint_indices(joints, skeleton)
    known = [i for i in indices if i >= 0]
    if -1 in indices and len(known) < skeleton.num_joints:
        raise InputError(
            f"{source}: found {joints[indices.index(-1)][:40]!r}, expected joints of "
            f"{skeleton.name!r} ({', '.join(skeleton.joints):.80}…); rename or delete the column"
        )
    if len(set(known)) < len(known):
        raise InputError(
            f"{source}: found two names of one joint of {skeleton.name!r} among "
            f"{', '.join(joints):.120}, expected one; rename or delete a column"
        )
    return indices


def joint_indices(joints: Sequence[str], skeleton: Skeleton) -> list[int]:
    """The index of each joint in a skeleton, by names as of :func:`.plain`; -1 if it has none."""
    names = _names(skeleton)
    # Python writes MediaPipe's names as PoseLandmark.NOSE.
    plain = (re.sub("_|^(pose|hand)_landmark_", "", joint) for joint in joints)
    return [names.get(joint, -1) for joint in plain]


def _names(skeleton: Skeleton) -> dict[str, int]:
    """All ways to write a skeleton's joints, in small letters and without ``_``: their indices."""
    names: dict[str, int] = {}
    for index, joint in enumerate(skeleton.joints):
        base = joint.lower()
        side = next((s for s in ("left", "right") if base.startswith(s + "_")), "")
        rest = base.removeprefix(side + "_") if side else base
        spellings = [rest, *_finger_names(rest)]
        for word in spellings:
            forms = (side + word, side[0] + word, word + side, word + side[0]) if side else (word,)
            for form in forms:
                names.setdefault(form.replace("_", ""), index)
    for alias, joint in _ALIASES.items():
        if joint in skeleton.joints:
            names.setdefault(alias, skeleton.joints.index(joint))
    return names


def _finger_names(joint: str) -> list[str]:
    """MediaPipe's names of a joint of a finger: ``index_finger_mcp`` of ``index1``."""
    finger, number = joint[:-1], joint[-1]
    if finger not in ("thumb", "index", "middle", "ring", "little") or number not in "1234":
        return []
    part = _FINGER.get(finger, _FINGER[""])[int(number) - 1]
    finger = "pinky" if finger == "little" else finger
    return [f"{finger}_{part}", f"{finger}_finger_{part}"]


def _by_number(
    numbers: list[int], chosen: str | None, complete: bool, source: str
) -> tuple[str, list[int]]:
    low, high = min(numbers), max(numbers)
    count = high - low + 1
    if chosen is not None:
        joints = get_skeleton(chosen).num_joints
        # Numbers from 1 to K, or of more joints, of which the skeleton's may be a part.
        first = low if high >= joints else 0
        return chosen, [n - first for n in numbers]
    if low > int(complete) or count not in DEFAULT_SKELETONS or len(set(numbers)) < count:
        raise InputError(
            f"{source}: found {len(set(numbers))} joints numbered from {low} to {high}, expected "
            "all joints of a known skeleton from 0; name it with --skeleton"
        )
    return DEFAULT_SKELETONS[count], [n - low for n in numbers]
