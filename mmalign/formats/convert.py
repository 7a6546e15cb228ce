"""From any readable format to a prepared data set."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from mmalign.errors import InputError, WriteError
from mmalign.fileio import told_where_writing_fails
from mmalign.formats.base import Clip, ConversionReport, FormatReader
from mmalign.poses.pose_file import PoseSequence, write_pose_file
from mmalign.poses.pose_index import INDEX_NAME, SPLITS, PoseIndex, SequenceEntry, write_index

# File systems take 255 bytes, of which a suffix and a temporary file's name need some.
_LONGEST_NAME = 200


def convert(
    reader: FormatReader,
    out: str | Path,
    on_error: str = "raise",
    process: Callable[[PoseSequence], PoseSequence] | None = None,
    progress: Callable[[Iterable[Any]], Iterable[Any]] = iter,
) -> ConversionReport:
    """Write everything a reader finds as pose files with an index.

    The folder becomes usable with its last write, the index; an earlier index goes first, so an
    interrupted run leaves no folder that looks complete.

    Args:
        reader: The source.
        out: Folder to write to.
        on_error: ``raise``, or ``skip`` to leave out items that cannot be used, and report them.
        process: Applied to every sequence before it is written: filling of gaps, smoothing,
            resampling.
        progress: Wraps the iteration over the reader's items, to show how far it is.

    Raises:
        InputError: If the source cannot be used, or no sequence is found.
        WriteError: If the folder cannot be written to.
    """
    if on_error not in ("raise", "skip"):
        raise InputError(f"on_error is {on_error!r}, expected 'raise' or 'skip'")
    out = Path(out)
    _remove_index(out)
    report = ConversionReport(PoseIndex(reader.skeleton, reader.title))
    written: set[str] = set()
    for item in progress(reader.items()):
        try:
            clips = list(reader.read(item, report))
            if process is not None:
                for clip in clips:
                    clip.sequence = process(clip.sequence)
            entries = [_write(out, clip, written) for clip in clips]
        except InputError as error:
            if on_error == "raise" or isinstance(error, WriteError):
                raise
            report.skipped[getattr(item, "name", str(item))] = str(error)
            continue
        report.index.sequences += entries
    for action in sorted({entry.action for entry in report.index.sequences}):
        report.index.actions[action] = {"phases": reader.phases.get(action, [])}
    reader.finish(report)
    if not report.index.sequences:
        reason = next(iter(report.skipped.values()), "the source is empty")
        raise InputError(f"{reader.src}: no sequence could be written; {reason}")
    write_index(out, report.index)
    return report


def _remove_index(out: Path) -> None:
    with told_where_writing_fails(out):
        (out / INDEX_NAME).unlink(missing_ok=True)


def _file_name(clip_id: str) -> str:
    """The id as a file can be called; what is too long ends in a hash of the whole."""
    name = re.sub(r"[^\w.-]+", "_", clip_id).strip(".") or "clip"
    if len(name.encode()) <= _LONGEST_NAME:
        return name
    digest = hashlib.sha256(clip_id.encode()).hexdigest()[:16]
    return name.encode()[: _LONGEST_NAME - 17].decode(errors="ignore") + f"-{digest}"


def _write(out: Path, clip: Clip, written: set[str]) -> SequenceEntry:
    name = _file_name(clip.id)
    if clip.split not in SPLITS:
        raise InputError(f"{clip.id}: split {clip.split!r}, expected one of {', '.join(SPLITS)}")
    if name in written:
        raise InputError(f"{clip.id}: a second sequence of that name; rename one of them")
    file = f"poses/{name}.npz"
    write_pose_file(out / file, clip.sequence)
    written.add(name)
    return SequenceEntry(
        id=name,
        file=file,
        split=clip.split,
        action=clip.action,
        num_frames=len(clip.sequence.keypoints),
        fps=float(clip.sequence.fps),
        labelled=clip.sequence.labels is not None,
        source=clip.source or clip.id,
    )
