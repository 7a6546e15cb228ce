"""What is noted of each video that was worked on, so that a run can go on where it was cut."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mmalign.extraction.jobs import Job
from mmalign.fileio import told_where_writing_fails, write_json

RECORDS = "records"


@dataclass(frozen=True)
class Record:
    """What became of one video.

    Attributes:
        made_from: What the result depends on, see :func:`made_from`.
        failure: Why there is none; empty when there is.
        sequences: Per sequence its ``id``, ``file``, ``num_frames``, ``fps`` and ``labelled``, as
            the index has them.
        quality: Per sequence what the report says of it.
    """

    made_from: dict[str, Any]
    failure: str = ""
    sequences: list[dict[str, Any]] = field(default_factory=list)
    quality: list[dict[str, Any]] = field(default_factory=list)


def made_from(job: Job, settings: Mapping[str, Any]) -> dict[str, Any]:
    """What the poses of a video depend on: its file's size and time, its labels, the settings."""
    try:
        status = job.path.stat()
        size, time = status.st_size, status.st_mtime_ns
    except OSError:
        size = time = -1
    labels = hashlib.sha256(repr(job.labels).encode()).hexdigest() if job.labels else None
    facts = {"size": size, "mtime_ns": time, "labels": labels, "settings": dict(settings)}
    return json.loads(json.dumps(facts))


def write_record(out: Path, job: Job, record: Record) -> None:
    """Note what became of a video; the last thing that is written for it."""
    write_json(_path(out, job), vars(record))


def read_record(out: Path, job: Job) -> Record | None:
    """What was noted of a video; None if it was not worked on, or the note is no use."""
    try:
        record = Record(**json.loads(_path(out, job).read_text(encoding="utf-8")))
        complete = all((out / entry["file"]).is_file() for entry in record.sequences)
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return record if complete else None


def forget(out: Path, job: Job) -> None:
    """Remove what was noted of a video.

    Raises:
        WriteError: If the folder cannot be written to.
    """
    with told_where_writing_fails(out):
        _path(out, job).unlink(missing_ok=True)


def _path(out: Path, job: Job) -> Path:
    return out / RECORDS / f"{job.id}.json"
