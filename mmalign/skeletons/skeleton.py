"""A skeleton: which joint is which, what is drawn between them and what hangs from what."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from mmalign.errors import InputError


@dataclass(frozen=True)
class Skeleton:
    """The layout of the ``K`` joints of one person (or one pair of hands).

    Attributes:
        name: What configs and pose files call it.
        joints: Names of the ``K`` joints, in the order of the arrays.
        limbs: The ``L`` drawn segments, as pairs of joint indices.
        flip_pairs: Pairs ``(left, right)`` of joints that change places when the image is
            mirrored; a joint in no pair stays.
        parents: Kinematic tree: for each joint the joint it hangs from, -1 for a root. Two hands
            are two trees.
        limb_groups: Named sets of joints that go missing together (an arm, a leg, a finger).

    Raises:
        InputError: If an index is out of range, a joint is in two flip pairs, or the parents do not
            form trees.
    """

    name: str
    joints: tuple[str, ...]
    limbs: tuple[tuple[int, int], ...]
    flip_pairs: tuple[tuple[int, int], ...]
    parents: tuple[int, ...]
    limb_groups: dict[str, tuple[int, ...]] = field(hash=False)

    def __post_init__(self) -> None:
        """Check that the tables fit together."""
        problem = self._problem()
        if problem:
            raise InputError(f"skeleton {self.name!r}: {problem}; correct its table")

    def _problem(self) -> str | None:
        count = len(self.joints)
        if count == 0 or len(set(self.joints)) != count:
            return "joint names must be given and differ"
        if len(self.parents) != count:
            return f"{len(self.parents)} parents for {count} joints"
        pairs = [*self.limbs, *self.flip_pairs]
        used = [*(j for pair in pairs for j in pair)]
        used += [j for group in self.limb_groups.values() for j in group]
        if any(not 0 <= j < count for j in used) or any(not -1 <= p < count for p in self.parents):
            return f"a joint index lies outside 0..{count - 1}"
        if any(a == b for a, b in pairs):
            return "a limb or flip pair joins a joint to itself"
        paired = [j for pair in self.flip_pairs for j in pair]
        if len(set(paired)) != len(paired):
            return "a joint is in two flip pairs"
        if any(not group for group in self.limb_groups.values()):
            return "a limb group is empty"
        for joint in range(count):
            steps = 0
            while joint >= 0 and steps <= count:
                joint, steps = self.parents[joint], steps + 1
            if joint >= 0:
                return "the parents run in a circle"
        return None

    @property
    def num_joints(self) -> int:
        """Number of joints ``K``."""
        return len(self.joints)

    @property
    def num_limbs(self) -> int:
        """Number of drawn limbs ``L``."""
        return len(self.limbs)

    @property
    def flip_index(self) -> np.ndarray:
        """Permutation ``(K,)`` int64: ``keypoint[..., flip_index, :]`` swaps left and right."""
        index = np.arange(self.num_joints)
        for left, right in self.flip_pairs:
            index[[left, right]] = right, left
        return index

    def descendants(self, joint: int) -> tuple[int, ...]:
        """All joints that hang from ``joint``, directly or not, without itself, ascending."""
        found: set[int] = set()
        new = {joint}
        while new:
            new = {j for j, parent in enumerate(self.parents) if parent in new}
            found |= new
        return tuple(sorted(found))

    @cached_property
    def rotatable(self) -> tuple[tuple[int, tuple[int, ...]], ...]:
        """What can turn: per joint that has a parent, ``(pivot, joints that turn about it)``.

        The limb from the parent (the pivot) to the joint turns with everything that hangs from it.
        """
        return tuple(
            (parent, (joint, *self.descendants(joint)))
            for joint, parent in enumerate(self.parents)
            if parent >= 0
        )
