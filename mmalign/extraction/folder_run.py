"""From many videos to a data set; what fails is noted, and the rest is done."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mmalign.errors import InputError, WriteError
from mmalign.extraction.extractor import Extraction, PoseExtractor
from mmalign.extraction.jobs import Job
from mmalign.extraction.people_sources import Progress
from mmalign.extraction.records import Record, forget, made_from, read_record, write_record
from mmalign.fileio import told_where_writing_fails, write_json
from mmalign.poses.pose_file import write_pose_file
from mmalign.poses.pose_index import INDEX_NAME, PoseIndex, SequenceEntry, write_index

FAILURES_NAME, QUALITY_NAME = "failures.json", "quality.json"
TITLE = "poses extracted from videos"

Show = Callable[[Job, Extraction], None]
"""Draws what was found in a video."""


@dataclass
class Outcome:
    """What a run came to.

    Attributes:
        index: The data set, as it was written.
        failures: Reason per video that has no poses.
        quality: The report per sequence.
    """

    index: PoseIndex
    failures: dict[str, str] = field(default_factory=dict)
    quality: dict[str, dict[str, Any]] = field(default_factory=dict)


def work_on(
    jobs: Sequence[Job],
    extractor: PoseExtractor,
    out: Path,
    settings: Mapping[str, Any],
    resume: bool = False,
    show: Show | None = None,
    progress: Callable[[Job], Progress] = lambda job: lambda done: None,
) -> None:
    """Extract the poses of videos, one after the other.

    Of each video first the pose files are written, then the note that they are whole: a run that
    is cut loses the video it was at.

    Args:
        jobs: The videos.
        extractor: Finds the poses.
        out: The data set's folder.
        settings: What the poses depend on besides the videos.
        resume: Leave videos alone that were done with these settings and have not changed since.
        show: Draws what was found.
        progress: Called with each video; gives what is called with the frames done in it.

    Raises:
        WriteError: If the folder cannot be written to.
    """
    for job in jobs:
        advance = progress(job)
        source = made_from(job, settings)
        if resume and (done := read_record(out, job)) is not None:
            if not done.failure and done.made_from == source:
                continue
        forget(out, job)
        try:
            found = extractor(job.path, job.labels, advance)
            record = _write(job, found, out, source, extractor.choice.person == "all")
            if show is not None:
                show(job, found)
        except WriteError:
            raise
        # Whatever one video does to a decoder or a network, the others are done.
        except Exception as error:
            reason = str(error) if isinstance(error, InputError) else f"{job.path}: {error!r}"
            print(f"failed: {reason}", file=sys.stderr)
            record = Record(source, reason)
        write_record(out, job, record)


def collect(jobs: Sequence[Job], out: Path, phases: Mapping[str, Sequence[str]]) -> Outcome:
    """Write index, report and failures of all videos from what was noted of each.

    Args:
        jobs: All videos of the data set.
        out: Its folder.
        phases: Per action the names of its phases; others are numbered.
    """
    outcome = Outcome(PoseIndex("", TITLE))
    labelled: dict[str, int] = {}
    for job in jobs:
        record = read_record(out, job)
        if record is None or record.failure:
            reason = f"{job.path}: was not worked on; start again with --resume"
            outcome.failures[job.name] = record.failure if record else reason
            continue
        for entry, quality in zip(record.sequences, record.quality, strict=True):
            entry = dict(entry)
            outcome.index.skeleton = entry.pop("skeleton")
            line = SequenceEntry(split=job.split, action=job.action, source=job.name, **entry)
            outcome.index.sequences.append(line)
            outcome.quality[line.id] = quality
        last = max(job.labels) if job.labels else -1
        labelled[job.action] = max(last, labelled.get(job.action, -1))
    for action, last in sorted(labelled.items()):
        names = list(phases.get(action, []))
        names += [f"phase {i}" for i in range(len(names), last + 1)]
        outcome.index.actions[action] = {"phases": names}
    if outcome.index.sequences:
        write_index(out, outcome.index)
    write_json(out / QUALITY_NAME, outcome.quality)
    write_json(out / FAILURES_NAME, outcome.failures)
    return outcome


def begin(out: Path) -> None:
    """Remove an earlier run's index: a folder with one is complete.

    Raises:
        WriteError: If the folder cannot be written to.
    """
    with told_where_writing_fails(out):
        out.mkdir(parents=True, exist_ok=True)
        (out / INDEX_NAME).unlink(missing_ok=True)


def _write(
    job: Job, found: Extraction, out: Path, source: dict[str, Any], numbered: bool
) -> Record:
    entries = []
    for sequence in found.sequences:
        name = f"{job.id}_p{sequence.track_id}" if numbered else job.id
        file = f"poses/{name}.npz"
        write_pose_file(out / file, sequence)
        entries.append(
            {
                "id": name,
                "file": file,
                "num_frames": sequence.num_frames,
                "fps": sequence.fps,
                "labelled": sequence.labels is not None,
                "skeleton": sequence.skeleton,
            }
        )
    return Record(source, sequences=entries, quality=found.quality)
