"""Align videos or poses of one activity: ``mmalign align`` and ``tools/align.py``."""

from __future__ import annotations

import argparse
import csv
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mmalign.cli.guard import guarded
from mmalign.cli.inputs import (
    add_input_arguments,
    add_network_arguments,
    parse_with_format,
    read_given,
)
from mmalign.errors import InputError
from mmalign.fileio import atomic_write, told_where_writing_fails

if TYPE_CHECKING:  # They import torch, which takes a second.
    from mmalign.analysis.findings import Deviation
    from mmalign.apis import AlignedPair, AlignedSequence, AlignmentResult
    from mmalign.functional.playback import PlaybackSpeed

EXAMPLES = """\
examples:
  two pose files:            %(prog)s expert.npz novice.npz --out DIR
  many, the best reference:  %(prog)s *.npz --reference auto --out DIR
  a detector's output:       %(prog)s cam1_json cam2_json --format openpose --fps 60 --out DIR
  by raw pose, no network:   %(prog)s a.npz b.npz --checkpoint none --out DIR
  carry phases over:         %(prog)s expert.npz novice.npz --phases expert.eaf \\
                                 --phase-format eaf srt --out DIR
  one moment in all others:  %(prog)s *.npz --moments 1.2 2.5 --out DIR
  slow motion of four times: %(prog)s expert.mp4 slow.mp4 --speed 1 0.25 --out DIR

With --format, further options are those of `mmalign data convert FORMAT`.
"""


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the command's arguments."""
    parser = argparse.ArgumentParser(
        prog="mmalign align",
        description="Align sequences of one activity to a reference among them. Writes"
        " alignment.json and .csv (frames and seconds), deviations, phases, figures, videos and"
        " report.html.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add_input_arguments(parser)
    add_network_arguments(parser)
    add(
        "--reference",
        default="0",
        metavar="N|auto",
        help="which input the others are aligned to, from 0; auto: the one nearest to all"
        " (default: %(default)s)",
    )
    add(
        "--method",
        choices=("subsequence", "dtw", "soft", "nearest"),
        help="every execution of the reference, whole or partial; one path from end to end; each"
        " frame by itself, softly (Eq. 3) or not (default: subsequence; without a network of yours"
        " dtw)",
    )
    add(
        "--mirror",
        choices=("auto", "yes", "no"),
        default="auto",
        help="whether performers are mirrored, left for right (default: what fits better)",
    )
    add(
        "--convert-skeleton",
        action="store_true",
        help="nothing any more: joints the inputs lack are put midway between others (a head"
        " between the ears) wherever that is known",
    )
    add(
        "--rate",
        type=float,
        metavar="FPS",
        help="frame rate at which the network sees the inputs (default: its config's, else 30 or"
        " the slowest input's)",
    )
    add(
        "--speed",
        nargs="+",
        default=["auto"],
        metavar="SPEED",
        help="at which speed the inputs show what happened, one each or one for all: 1 is real"
        " time, 0.25 slow motion of four times; auto: found by comparing them (default: auto)",
    )
    add(
        "--phases",
        metavar="FILE",
        help="phases of the reference, carried over to the others: an ELAN file (.eaf) or a CSV"
        " with the columns name, start_seconds, end_seconds (default: its pose file's labels)",
    )
    add(
        "--phase-format",
        nargs="+",
        choices=("csv", "json", "srt", "eaf"),
        default=["csv"],
        help="how the others' phases are written (default: csv)",
    )
    add(
        "--moments",
        nargs="+",
        type=float,
        metavar="SECONDS",
        help="find these times of the reference in all others: moments.json and moments.png",
    )
    return parser


@guarded
def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    args, further = parse_with_format(build_parser(), argv)
    if args.reference != "auto" and not args.reference.isdecimal():
        raise InputError(f"--reference is {args.reference!r}, expected auto or a number from 0")
    # After the arguments are known to be good: these import torch.
    from mmalign.apis import AlignmentInferencer

    align = AlignmentInferencer(args.checkpoint, args.config, args.device, args.action)
    result = align(
        *read_given(args, further, align.embedder.skeleton),
        reference="auto" if args.reference == "auto" else int(args.reference),
        method=args.method,
        mirror=args.mirror,
        rate=args.rate,
        speed=_speeds(args.speed),
    )
    before = files_in(args.out)
    write_all(
        result, args.out, args.phases, args.phase_format, args.moments or (), not args.no_video
    )
    print_summary(result)
    print(f"wrote {Path(args.out)}")
    tell_what_is_older(args.out, before)
    return 0


def _speeds(given: Sequence[str]) -> str | list[float]:
    """What ``--speed`` names."""
    if list(given) == ["auto"]:
        return "auto"
    try:
        return [float(one) for one in given]
    except ValueError as error:
        raise InputError(
            f"--speed is {' '.join(given)}, expected auto, or numbers such as 1 0.25"
        ) from error


def write_all(
    result: AlignmentResult,
    out: str | Path,
    phases: str | None = None,
    phase_formats: Sequence[str] = ("csv",),
    moments: Sequence[float] = (),
    videos: bool = True,
) -> None:
    """Write all that ``mmalign align`` writes.

    Args:
        result: An alignment.
        out: The folder; made if missing.
        phases: File of the reference's phases, or None for the labels its poses have.
        phase_formats: How the others' phases are written.
        moments: Times of the reference in seconds, to be found in the others.
        videos: Whether to write MP4s, and pictures into the report.

    Raises:
        InputError: If the phases cannot be used, or the reference has no such moment.
    """
    from mmalign.cli.align_findings import find, write_findings, write_moments

    findings = find(result, phases)
    begin(out)
    write_findings(findings, out, file_names(result), phase_formats)
    if moments:
        write_moments(result, out, moments)
    write_pictures(findings.result, out, videos, findings.deviations, findings.phases)
    write_alignment(result, out)


def begin(out: str | Path) -> None:
    """Remove an earlier run's ``alignment.json``, which is written last: with it all is there.

    Args:
        out: The folder; made if missing.

    Raises:
        WriteError: If it cannot be written to.
    """
    with told_where_writing_fails(out):
        Path(out).mkdir(parents=True, exist_ok=True)
        Path(out, "alignment.json").unlink(missing_ok=True)


def files_in(out: str | Path) -> dict[Path, int]:
    """The files in a folder, if there is one, and when each was written."""
    found = Path(out).iterdir() if Path(out).is_dir() else ()
    return {path: path.stat().st_mtime_ns for path in found if path.is_file()}


def tell_what_is_older(out: str | Path, before: dict[Path, int]) -> None:
    """Name the files of a folder that were there before and have not been written since.

    Args:
        out: The folder.
        before: What :func:`files_in` said before it was written to.
    """
    now = files_in(out)
    older = sorted(path.name for path, time in before.items() if now.get(path) == time)
    if older:
        named = ", ".join(older[:4]) + (", …" if len(older) > 4 else "")
        print(f"note: {len(older)} files there are older and not of this run: {named}")


def write_alignment(result: AlignmentResult, out: str | Path) -> None:
    """Write ``alignment.csv`` and, last, ``alignment.json``.

    The CSV has a line per frame of every other; what has no counterpart is empty.

    Args:
        result: An alignment.
        out: The folder; made if missing.
    """
    columns = ("reference", "other", "frame", "seconds", "reference_frame", "reference_seconds")
    with atomic_write(Path(out, "alignment.csv")) as temporary:
        with temporary.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow((*columns, "progress", "confidence", "repetition"))
            for pair in result.pairs:
                for frame, content in enumerate(_rows(pair)):
                    writer.writerow((pair.reference, pair.other, frame, *content))
    with atomic_write(Path(out, "alignment.json")) as temporary:
        temporary.write_text(json.dumps(result.to_dict(), allow_nan=False), encoding="utf-8")


def _rows(pair: AlignedPair) -> Iterator[tuple[str | int, ...]]:
    from mmalign.analysis.phases import progress_curve, repetition_numbers

    numbers = [number if number >= 0 else "" for number in repetition_numbers(pair).tolist()]
    table = zip(
        pair.other_seconds,
        pair.matched,
        pair.positions,
        pair.seconds,
        progress_curve(pair),
        pair.confidence,
        strict=True,
    )
    for frame, (time, matched, position, seconds, progress, confidence) in enumerate(table):
        where = (f"{position:.3f}", f"{seconds:.4f}", f"{progress:.4f}") if matched else [""] * 3
        yield f"{time:.4f}", *where, f"{confidence:.3f}", numbers[frame]


def file_names(result: AlignmentResult) -> list[str]:
    """Per other what the names of its files begin with; all differ, also where case is ignored.

    Args:
        result: An alignment.
    """
    names: list[str] = []
    for index, pair in enumerate(result.pairs):
        plain = re.sub(r"[^\w.-]+", "_", pair.other).strip(".") or f"other_{index}"
        name, number = plain, 2
        while name.casefold() in map(str.casefold, names):
            name, number = f"{plain}_{number}", number + 1
        names.append(name)
    return names


def write_pictures(
    result: AlignmentResult,
    out: str | Path,
    videos: bool = True,
    deviations: Sequence[Sequence[Deviation]] = (),
    phases: Sequence[str] = (),
) -> None:
    """Write figures, videos and the report.

    Args:
        result: An alignment.
        out: The folder.
        videos: Whether to write MP4s.
        deviations: Per other its rows.
        phases: Names of the phases.
    """
    from mmalign.visualization.aligned_video import write_ghost_overlay, write_side_by_side
    from mmalign.visualization.figures import (
        draw_correspondence,
        draw_matched_frames,
        draw_similarity,
    )
    from mmalign.visualization.report import write_report

    for index, (name, pair) in enumerate(zip(file_names(result), result.pairs, strict=True)):
        figures = {
            "similarity": draw_similarity(pair),
            "correspondence": draw_correspondence(pair),
            "matched_frames": draw_matched_frames(result, index),
        }
        for kind, figure in figures.items():
            with atomic_write(Path(out, f"{name}_{kind}.png")) as temporary:
                figure.savefig(temporary, dpi=110)
        if videos:
            write_side_by_side(result, index, Path(out, f"{name}_side_by_side.mp4"))
            write_ghost_overlay(result, index, Path(out, f"{name}_ghost.mp4"))
    write_report(result, out, deviations, phases, videos)


_VERDICTS = {"same": "yes", "unclear": "unclear", "another": "no"}


def print_summary(result: AlignmentResult) -> None:
    """Print one line per alignment, and what is doubtful about the sequences.

    Args:
        result: An alignment.
    """
    from mmalign.analysis.doubts import doubts

    reference = result.reference
    parts = [reference.name]
    if result.pairs:
        parts += _speed_note(result.pairs[0].reference_speed, reference)
    print(f"reference: {', '.join(parts)}")
    for pair, other in zip(result.pairs, result.others, strict=True):
        found = len(pair.repetitions)
        parts = [
            f"{pair.matched.mean():.0%} of {pair.other_frames} frames matched",
            f"{found} repetition{'' if found == 1 else 's'}",
            f"same activity: {_VERDICTS[pair.verdict]} ({pair.same_activity:.2f})",
        ]
        parts += _speed_note(pair.other_speed, other)
        if pair.mirrored:
            parts.append("mirrored")
        if pair.verdict == "another":
            parts.append("SEEMS TO SHOW ANOTHER ACTIVITY")
        print(f"{pair.other}: {', '.join(parts)}")
    for one in (result.reference, *result.others):
        for text in doubts(one.poses):
            print(f"note: {one.name}: {text}")


def _speed_note(speed: PlaybackSpeed, sequence: AlignedSequence) -> list[str]:
    note = speed.describe(sequence.poses.num_frames / sequence.poses.fps)
    return [note] if note else []


if __name__ == "__main__":
    raise SystemExit(main())
