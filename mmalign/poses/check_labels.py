"""Defects of phase labels, which show when all sequences of an action are seen together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from mmalign.poses.pose_index import SPLITS, PoseIndex, SequenceEntry


@dataclass(frozen=True)
class _Labels:
    """What matters of one sequence's labels."""

    id: str
    split: str
    first: int
    last: int
    phases: frozenset[int]
    goes_back: bool
    jumps: bool


class LabelCheck:
    """Collects labels sequence by sequence; then tells their defects.

    Whether an action's phases have an order is not stated anywhere: where most of its sequences
    never go back to an earlier phase they have one, and the sequences that do are defects.

    Args:
        index: The data set's index.
    """

    def __init__(self, index: PoseIndex) -> None:
        self.index = index
        self._seen: dict[str, list[_Labels]] = defaultdict(list)

    def add(self, entry: SequenceEntry, labels: np.ndarray) -> None:
        """Note the labels of one sequence."""
        steps = np.diff(labels)
        self._seen[entry.action].append(
            _Labels(
                entry.id,
                entry.split,
                int(labels[0]),
                int(labels[-1]),
                frozenset(map(int, np.unique(labels))),
                bool((steps < 0).any()),
                bool((steps > 1).any()),
            )
        )

    def ordered(self, action: str) -> bool:
        """Whether most of an action's sequences never go back."""
        seen = self._seen[action]
        return sum(labels.goes_back for labels in seen) * 2 <= len(seen)

    def defects(self) -> Iterator[tuple[str, str, str]]:
        """What is wrong, what to do, and the sequence."""
        for action, seen in self._seen.items():
            names = self.index.actions.get(action, {}).get("phases", [])
            present = frozenset().union(*(labels.phases for labels in seen))
            lacking = sorted(set(range(min(max(present), len(names)))) - present)
            if lacking and self.ordered(action):
                yield (
                    f"{action}: no clip shows phase {', '.join(map(str, lacking))}",
                    "count phases from 0 without a gap, and convert again",
                    seen[0].id,
                )
            for labels in seen:
                if max(labels.phases) >= len(names):
                    yield (
                        f"{action}: a label beyond the {len(names)} phases that the index names",
                        "correct the labels and convert again",
                        labels.id,
                    )
                if not self.ordered(action):
                    continue
                if labels.goes_back:
                    yield (
                        f"{action}: labels go back to an earlier phase",
                        "correct them, or set ordered=False in the evaluator if phases may repeat",
                        labels.id,
                    )
                elif labels.jumps:
                    yield (
                        f"{action}: labels leave a phase out",
                        "label that phase, or leave the clip out",
                        labels.id,
                    )

    def notes(self) -> Iterator[str]:
        """What is no defect, but good to know."""
        for action, seen in self._seen.items():
            missing = [split for split in SPLITS if split not in {s.split for s in seen}]
            if missing:
                yield f"{action}: no labelled clips in {' and '.join(missing)}: it cannot be scored"
            if not self.ordered(action):
                yield f"{action}: phases repeat; evaluate with ordered=False"
                continue
            last = max(max(labels.phases) for labels in seen)
            if cut := sum(labels.first > 0 or labels.last < last for labels in seen):
                yield f"{action}: {cut} of {len(seen)} clips lack the first or the last phase"
