"""What every reader of a public format gives: clips of poses, one after the other."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from mmalign.poses.pose_file import PoseSequence
from mmalign.poses.pose_index import PoseIndex


@dataclass
class Clip:
    """One sequence of a data set.

    Attributes:
        id: Its name in the data set; becomes the file's name.
        sequence: Its poses.
        split: ``train`` or ``val``.
        action: The activity it shows.
        source: The video or file it is from; the id where empty.
    """

    id: str
    sequence: PoseSequence
    split: str = "train"
    action: str = "activity"
    source: str = ""


@dataclass
class ConversionReport:
    """What a conversion found.

    Attributes:
        index: The index that was written.
        counts: How often each oddity was met, in files, frames or joints as its name says.
        notes: Lines about single files that a user should know of.
        skipped: What was left out and why, by name.
    """

    index: PoseIndex
    counts: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)


class FormatReader:
    """A public format. A subclass reads one source, item by item, so that memory stays small.

    A reader is made from the source's path and the options that :meth:`add_arguments` declares, as
    keyword arguments. Making one lists what there is and checks it cheaply; it reads no poses.

    Attributes:
        name: What the command line calls the format.
        description: One line for ``--help``.
        title: Where the data come from, for people.
        skeleton: Name of the skeleton of all its sequences; known after ``__init__``.
        phases: Per action the names of its phases; empty without labels.
    """

    name: ClassVar[str]
    description: ClassVar[str]
    title: str
    skeleton: str
    phases: dict[str, list[str]]

    def __init__(self, src: str | Path, **options: Any) -> None:
        self.src = Path(src)
        self.phases = {}

    @classmethod
    def add_arguments(cls, parser: argparse.ArgumentParser) -> None:
        """Declare the format's options."""

    def items(self) -> Sequence[Any]:
        """What :meth:`read` takes, in the order of annotation: paths, ids, ..."""
        raise NotImplementedError

    def read(self, item: Any, report: ConversionReport) -> Iterator[Clip]:
        """Read one item: none, one or several clips; oddities go into the report.

        Raises:
            InputError: If the item cannot be used.
        """
        raise NotImplementedError

    def finish(self, report: ConversionReport) -> None:
        """Called once when everything was read, before the index is written: order, last checks.

        ``report.index.sequences`` holds the entries in the order in which they were read.
        """
