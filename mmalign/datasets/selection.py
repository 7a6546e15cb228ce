"""Which sequences of a data set play which split, and which frames of them are used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mmalign.poses.pose_index import SequenceEntry


def hold_out(
    entries: Sequence[SequenceEntry], fold: int, folds: int, labelled_only: bool = False
) -> list[SequenceEntry]:
    """Let training sequences play both splits; positions in the list stay.

    Args:
        entries: All sequences of a data set.
        fold: Which of every ``folds`` training sequences of an action plays the validation split.
        folds: See ``fold``.
        labelled_only: Count labelled sequences only.

    Returns:
        The sequences with the split that they play, or ``left out`` for the others.
    """
    seen: dict[str, int] = {}
    played = []
    for entry in entries:
        if entry.split != "train" or (labelled_only and not entry.labelled):
            played.append(replace(entry, split="left out"))
            continue
        number = seen.get(entry.action, 0)
        seen[entry.action] = number + 1
        played.append(replace(entry, split="val" if number % folds == fold else "train"))
    return played


def windows_of(
    entries: Sequence[SequenceEntry], lengths: Sequence[int], trimmed: bool
) -> list[tuple[int, int]]:
    """The frames ``[a, e)`` of each sequence: all, or the trimmed protocol's window.

    Windows are drawn afresh for every action and split, in the order of ``entries``.

    Args:
        entries: The sequences that are used.
        lengths: Their numbers of frames.
        trimmed: Whether to draw windows.
    """
    windows = [(0, length) for length in lengths]
    if trimmed:
        from mmalign.functional.metrics import trim_windows

        groups: dict[tuple[str, str], list[int]] = {}
        for i, entry in enumerate(entries):
            groups.setdefault((entry.action, entry.split), []).append(i)
        for group in groups.values():
            for i, window in zip(group, trim_windows([lengths[i] for i in group]), strict=True):
                windows[i] = window
    return windows
