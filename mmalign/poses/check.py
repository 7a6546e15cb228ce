"""Checks of a whole prepared data set: what is wrong with it and how to mend that."""

from __future__ import annotations

import hashlib
import os
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from mmalign.errors import InputError
from mmalign.functional.plausibility import pair_agreement
from mmalign.poses.check_labels import LabelCheck
from mmalign.poses.check_poses import pose_defects
from mmalign.poses.pose_file import PoseSequence, read_pose_file
from mmalign.poses.pose_index import SOURCES, PoseIndex, SequenceEntry, read_index
from mmalign.skeletons import get_skeleton

# A name's end that says which camera, view or person of a recording a clip shows.
_VIEW = re.compile(r"[ _.-]*(cam|camera|view|person|track)[ _.-]*\d+$")


@dataclass
class DataSetCheck:
    """What a check found.

    Attributes:
        index: The data set's index.
        defects: Ids of the sequences with a defect, by what is wrong and what to do; an empty list
            where it concerns the data set as a whole.
        notes: What is no defect, but good to know.
        visibility: ``(K,)`` share of the frames in which each joint is present.
        frames: Number of frames of all sequences that could be read.
        rates: Number of sequences by frames per second.
    """

    index: PoseIndex
    defects: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    visibility: np.ndarray = field(default_factory=lambda: np.zeros(0))
    frames: int = 0
    rates: Counter[float] = field(default_factory=Counter)

    def add(self, what: str, remedy: str, *ids: str) -> None:
        """Note a defect."""
        self.defects.setdefault((what, remedy), []).extend(ids)

    def lines(self) -> list[str]:
        """One line per defect: what, where, and its remedy."""
        lines = []
        for (what, remedy), ids in self.defects.items():
            where = f"{len(ids)} x ({', '.join(ids[:3])}{', …' if len(ids) > 3 else ''}): "
            lines.append(f"{where if ids else ''}{what}; {remedy}")
        return lines


def check_dataset(
    root: str | Path, progress: Callable[[Iterable[Any]], Iterable[Any]] = iter
) -> DataSetCheck:
    """Read a prepared data set completely and look for defects.

    Args:
        root: Its folder.
        progress: Wraps the iteration over the sequences, to show how far it is.

    Raises:
        InputError: If the index cannot be read. Pose files that cannot are defects.
    """
    root = Path(root)
    index = read_index(root)
    skeleton = get_skeleton(index.skeleton)
    check = DataSetCheck(index)
    labels = LabelCheck(index)
    contents: dict[bytes, list[SequenceEntry]] = defaultdict(list)
    present = np.zeros(skeleton.num_joints)
    sides = np.zeros((2, len(skeleton.flip_pairs)))
    for entry in progress(index.sequences):
        sequence = _read(root, entry, check)
        if sequence is None:
            continue
        for what, remedy in pose_defects(sequence):
            check.add(what, remedy, entry.id)
        if sequence.labels is not None:
            labels.add(entry, sequence.labels)
        contents[_fingerprint(sequence)].append(entry)
        present += (sequence.scores > 0).sum(axis=0)
        sides += pair_agreement(sequence.keypoints, sequence.scores, skeleton.flip_pairs)
        check.frames += sequence.num_frames
        check.rates[sequence.fps] += 1
    check.visibility = present / max(check.frames, 1)
    for what, remedy, name in labels.defects():
        check.add(what, remedy, name)
    check.notes += labels.notes()
    _check_duplicates(check, contents)
    _check_joints(check, sides)
    _check_rates(check)
    _check_files(check, root)
    return check


def _read(root: Path, entry: SequenceEntry, check: DataSetCheck) -> PoseSequence | None:
    """A sequence that can be used and is what the index says, or None with a defect noted."""
    try:
        sequence = read_pose_file(root / entry.file)
    except InputError as error:
        check.add(str(error), "the sequence cannot be used")
        return None
    found = (sequence.skeleton, sequence.num_frames, sequence.fps, sequence.labels is not None)
    if found != (check.index.skeleton, entry.num_frames, entry.fps, entry.labelled):
        check.add(
            "skeleton, frames, fps or labels of a pose file differ from the index",
            "convert the data again",
            entry.id,
        )
        return None
    return sequence


def _fingerprint(sequence: PoseSequence) -> bytes:
    digest = hashlib.sha256(sequence.keypoints.tobytes())
    digest.update(sequence.scores.tobytes())
    return digest.digest()


def _recording(name: str) -> tuple[str, ...]:
    """A name without spelling, leading zeros, camera and person: equal for views of one clip."""
    return tuple(
        part.lstrip("0") for part in re.findall(r"\d+|[^\W\d_]+", _VIEW.sub("", name.casefold()))
    )


def _check_duplicates(check: DataSetCheck, contents: dict[bytes, list[SequenceEntry]]) -> None:
    for same in contents.values():
        if len({entry.split for entry in same}) > 1:
            check.add(
                "the same poses stand in both splits",
                "leave one of them out: scores would be too good",
                " = ".join(entry.id for entry in same),
            )
        elif len(same) > 1:
            check.add(
                "the same poses stand there more than once",
                "leave all but one out",
                " = ".join(entry.id for entry in same),
            )
    for what, key in (("id", lambda e: e.id), ("file", lambda e: e.file)):
        counts = Counter(key(entry) for entry in check.index.sequences)
        for name, count in counts.items():
            if count > 1:
                check.add(f"the index lists an {what} twice", "convert the data again", name)
    recordings: dict[tuple[str, ...], list[SequenceEntry]] = defaultdict(list)
    for entry in check.index.sequences:
        recordings[_recording(entry.id)].append(entry)
    for alike in recordings.values():
        if len({entry.split for entry in alike}) > 1:
            check.add(
                "both splits have clips of one recording, by their names",
                "keep all views of a recording in one split, or rename the clips",
                " = ".join(entry.id for entry in alike[:4]),
            )


def _check_joints(check: DataSetCheck, sides: np.ndarray) -> None:
    skeleton = get_skeleton(check.index.skeleton)
    for joint, share in zip(skeleton.joints, check.visibility, strict=True):
        if check.frames and share == 0:
            check.add(
                f"{joint} is never present",
                f"check the order of the joints, or use a skeleton without it (now "
                f"{skeleton.name})",
            )
    for (left, right), (agrees, known) in zip(skeleton.flip_pairs, sides.T, strict=True):
        if known >= 100 and agrees < 0.25 * known:
            check.add(
                f"{skeleton.joints[left]} and {skeleton.joints[right]} lie on other sides than the "
                f"other pairs in {1 - agrees / known:.0%} of the frames",
                f"the data's joint order is not that of {skeleton.name}: exchange the two",
            )


def _check_rates(check: DataSetCheck) -> None:
    if len(check.rates) > 1:
        found = ", ".join(f"{count} at {fps:g}" for fps, count in check.rates.most_common(4))
        check.add(
            f"sequences have {len(check.rates)} frame rates ({found} fps)",
            "convert again with --resample, or set resample_fps in the config's data sets",
        )


def _check_files(check: DataSetCheck, root: Path) -> None:
    listed = {entry.file for entry in check.index.sequences}
    found = {path.relative_to(root).as_posix() for path in (root / "poses").glob("*.npz")}
    if extra := found - listed:
        check.notes.append(f"{len(extra)} files in poses/ are not in the index: they are not used")
    for entry in check.index.sequences:
        for what in SOURCES:
            where = getattr(entry, what)
            if where is not None and not os.path.exists(root / where):
                check.add(
                    f"the {what} that the index names is not there",
                    "put the files where it says, or set the data set's option of that name",
                    f"{entry.id} ({where})",
                )
    splits = Counter(entry.split for entry in check.index.sequences)
    for split in ("train", "val"):
        if not splits[split]:
            check.notes.append(f"no sequence in split {split}")
