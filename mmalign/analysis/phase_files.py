"""Reading phases that people have labelled: CSV and ELAN annotations (EAF)."""

from __future__ import annotations

import csv
import math
import xml.etree.ElementTree as ET
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mmalign.analysis.export import TIER
from mmalign.analysis.phases import NO_PHASE, PhaseInterval, labels_of
from mmalign.errors import InputError

_Row = tuple[float, float, str]


def read_phases(path: str | Path) -> list[PhaseInterval]:
    """Read the phases of a sequence.

    CSV needs the columns ``start_seconds``, ``end_seconds`` and ``name``, as ``mmalign align``
    writes them. Of an EAF file the tier ``phases`` is read, else the first one that has
    time-aligned annotations.

    Args:
        path: A file ending in ``.csv`` or ``.eaf``.

    Returns:
        Intervals in the order of time; phases are numbered as their names first appear.

    Raises:
        InputError: If the file is missing, damaged or of another format, or an interval is not
            after the one before it.
    """
    path = Path(path)
    read = _READERS.get(path.suffix.lower())
    if read is None:
        raise InputError(f"{path}: not a file of phases; expected one of {', '.join(_READERS)}")
    if not path.is_file():
        raise InputError(f"{path}: no such file; check the path")
    try:
        rows = sorted(read(path))
    # Whatever a stranger's file makes of the parsers and of numbers.
    except (
        OSError, ValueError, TypeError, LookupError, ArithmeticError, RecursionError, csv.Error,
        ET.ParseError,
    ) as error:  # fmt: skip
        raise InputError(
            f"{path}: cannot be read as phases ({type(error).__name__}: {error}); expected a CSV"
            " with the columns start_seconds, end_seconds, name or an ELAN file; export it again"
        ) from error
    if not rows:
        raise InputError(f"{path}: has no phase; expected at least one interval")
    end = 0.0
    for start, stop, name in rows:
        # Annotation programs let neighbours touch to within a rounding.
        if not (start >= end - 0.002 and stop > start and math.isfinite(stop)):
            raise InputError(
                f"{path}: the phase {name!r} is at {start:g} to {stop:g} s; expected intervals of"
                " time that do not overlap; correct them"
            )
        end = stop
    number = {name: i for i, name in enumerate(dict.fromkeys(name for _, _, name in rows))}
    return [PhaseInterval(number[name], name, start, stop) for start, stop, name in rows]


def read_labels(
    path: str | Path, num_frames: int, fps: float
) -> tuple[NDArray[np.int64], list[str]]:
    """Read phases as one label per frame.

    Args:
        path: See :func:`read_phases`.
        num_frames: Frames T of the sequence.
        fps: Its frames per second.

    Returns:
        ``(T,)`` labels, ``NO_PHASE`` outside of all phases, and the phases' names.

    Raises:
        InputError: See :func:`read_phases`; also if no frame has a phase.
    """
    intervals = read_phases(path)
    labels = labels_of(intervals, num_frames, fps)
    if (labels == NO_PHASE).all():
        raise InputError(
            f"{path}: its first phase begins at {intervals[0].start:g} s, but the sequence has only"
            f" {num_frames / fps:g} s; give the phases of the reference"
        )
    return labels, list(dict.fromkeys(item.name for item in intervals))


def _csv(path: Path) -> list[_Row]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        return [
            (float(row["start_seconds"]), float(row["end_seconds"]), row["name"] or "")
            for row in rows
        ]


def _eaf(path: Path) -> list[_Row]:
    content = path.read_text(encoding="utf-8-sig")
    # An annotation file needs no entities; those of a stranger's can blow up.
    if "<!DOCTYPE" in content:
        raise ValueError("it declares a document type")
    root = ET.fromstring(content)
    if root.tag != "ANNOTATION_DOCUMENT":
        raise ValueError(f"its root is {root.tag!r:.40}, not ANNOTATION_DOCUMENT")
    times = {
        slot.attrib["TIME_SLOT_ID"]: int(slot.attrib["TIME_VALUE"]) / 1000
        for slot in root.iter("TIME_SLOT")
        if "TIME_VALUE" in slot.attrib
    }
    tiers = sorted(root.iter("TIER"), key=lambda tier: tier.get("TIER_ID") != TIER)
    annotations: Sequence[ET.Element] = ()
    for tier in tiers:
        annotations = annotations or list(tier.iter("ALIGNABLE_ANNOTATION"))
    return [
        (
            times[item.attrib["TIME_SLOT_REF1"]],
            times[item.attrib["TIME_SLOT_REF2"]],
            item.findtext("ANNOTATION_VALUE") or "",
        )
        for item in annotations
    ]


_READERS: dict[str, Callable[[Path], list[_Row]]] = {".csv": _csv, ".eaf": _eaf}
