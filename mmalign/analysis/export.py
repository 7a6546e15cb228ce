"""Phase intervals as files: CSV, JSON, subtitles (SRT) and ELAN annotations (EAF)."""

from __future__ import annotations

import csv
import io
import json
import mimetypes
import os
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime, timezone
from pathlib import Path

from mmalign.analysis.phases import PhaseInterval
from mmalign.errors import InputError
from mmalign.fileio import atomic_write

TIER = "phases"
COLUMNS = ("phase", "name", "start_seconds", "end_seconds", "repetition", "confidence")
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
# Every document of the format lists these, whether a tier uses them or not.
_CONSTRAINTS = {
    "Time_Subdivision": "Time subdivision of parent annotation's time interval, no time gaps"
    " allowed within this interval",
    "Symbolic_Subdivision": "Symbolic subdivision of a parent annotation. Annotations refering to"
    " the same parent are ordered",
    "Symbolic_Association": "1-1 association with a parent annotation",
    "Included_In": "Time alignable annotations within the parent annotation's time interval, gaps"
    " are allowed",
}


def write_phases(
    path: str | Path, intervals: Sequence[PhaseInterval], video: str | Path | None = None
) -> Path:
    """Write intervals in the format that the file's suffix names.

    Args:
        path: A file ending in ``.csv``, ``.json``, ``.srt`` or ``.eaf``.
        intervals: In order and without overlap.
        video: The video they belong to; an EAF file refers to it.

    Returns:
        The path.

    Raises:
        InputError: If the suffix is another one or the file cannot be written.
    """
    path = Path(path)
    text = _WRITERS.get(path.suffix.lower())
    if text is None:
        raise InputError(
            f"{path}: no format for phases has the suffix {path.suffix!r}; expected one of"
            f" {', '.join(_WRITERS)}"
        )
    content = text(intervals, path, None if video is None else Path(video))
    with atomic_write(path) as temporary:
        temporary.write_text(content, encoding="utf-8", newline="")
    return path


def _csv(intervals: Sequence[PhaseInterval], path: Path, video: Path | None) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for item in intervals:
        times = [f"{item.start:.3f}", f"{item.end:.3f}"]
        writer.writerow(
            [item.phase, _line(item), *times, item.repetition, f"{item.confidence:.3f}"]
        )
    return out.getvalue()


def _json(intervals: Sequence[PhaseInterval], path: Path, video: Path | None) -> str:
    rows = [
        {key: round(x, 3) if isinstance(x, float) else x for key, x in asdict(item).items()}
        for item in intervals
    ]
    content = {"video": None if video is None else video.name, "phases": rows}
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _srt(intervals: Sequence[PhaseInterval], path: Path, video: Path | None) -> str:
    blocks = []
    for number, item in enumerate(intervals, start=1):
        # An arrow would be taken for a line of times.
        text = _line(item).replace("-->", "→")
        blocks.append(f"{number}\n{_clock(item.start)} --> {_clock(item.end)}\n{text}\n")
    return "\n".join(blocks)


def _clock(seconds: float) -> str:
    """``HH:MM:SS,mmm``."""
    minutes, milliseconds = divmod(_milliseconds(seconds), 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{milliseconds // 1000:02},{milliseconds % 1000:03}"


def _eaf(intervals: Sequence[PhaseInterval], path: Path, video: Path | None) -> str:
    """ELAN's annotation format, version 3.0: one tier of time-aligned annotations."""
    ET.register_namespace("xsi", _XSI)
    root = ET.Element(
        "ANNOTATION_DOCUMENT",
        {
            "AUTHOR": "",
            "DATE": datetime.now(timezone.utc).isoformat(timespec="seconds"),
            "FORMAT": "3.0",
            "VERSION": "3.0",
            f"{{{_XSI}}}noNamespaceSchemaLocation": "http://www.mpi.nl/tools/elan/EAFv3.0.xsd",
        },
    )
    header = ET.SubElement(root, "HEADER", MEDIA_FILE="", TIME_UNITS="milliseconds")
    if video is not None:
        relative = os.path.relpath(video.resolve(), path.resolve().parent)
        ET.SubElement(
            header,
            "MEDIA_DESCRIPTOR",
            MEDIA_URL=video.resolve().as_uri(),
            MIME_TYPE=mimetypes.guess_type(video.name)[0] or "unknown",
            RELATIVE_MEDIA_URL=f"./{Path(relative).as_posix()}",
        )
    last = ET.SubElement(header, "PROPERTY", NAME="lastUsedAnnotationId")
    last.text = str(len(intervals))
    order = ET.SubElement(root, "TIME_ORDER")
    tier = ET.SubElement(root, "TIER", LINGUISTIC_TYPE_REF="default-lt", TIER_ID=TIER)
    for number, item in enumerate(intervals, start=1):
        slots = f"ts{2 * number - 1}", f"ts{2 * number}"
        for slot, seconds in zip(slots, (item.start, item.end), strict=True):
            ET.SubElement(
                order, "TIME_SLOT", TIME_SLOT_ID=slot, TIME_VALUE=str(_milliseconds(seconds))
            )
        annotation = ET.SubElement(
            ET.SubElement(tier, "ANNOTATION"),
            "ALIGNABLE_ANNOTATION",
            ANNOTATION_ID=f"a{number}",
            TIME_SLOT_REF1=slots[0],
            TIME_SLOT_REF2=slots[1],
        )
        ET.SubElement(annotation, "ANNOTATION_VALUE").text = _line(item)
    ET.SubElement(
        root,
        "LINGUISTIC_TYPE",
        GRAPHIC_REFERENCES="false",
        LINGUISTIC_TYPE_ID="default-lt",
        TIME_ALIGNABLE="true",
    )
    for stereotype, description in _CONSTRAINTS.items():
        ET.SubElement(root, "CONSTRAINT", DESCRIPTION=description, STEREOTYPE=stereotype)
    ET.indent(root, "    ")
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    return head + ET.tostring(root, encoding="unicode") + "\n"


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)


def _line(item: PhaseInterval) -> str:
    """The name on one line, without what XML cannot hold."""
    kept = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", "", item.name)
    return " ".join(kept.split()) or f"phase {item.phase}"


_WRITERS: dict[str, Callable[[Sequence[PhaseInterval], Path, Path | None], str]] = {
    ".csv": _csv,
    ".json": _json,
    ".srt": _srt,
    ".eaf": _eaf,
}
FORMATS = tuple(suffix[1:] for suffix in _WRITERS)
"""The formats, by their suffixes without the dot."""
