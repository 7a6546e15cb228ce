"""What `mmalign align` finds for people: phases, deviations, moments.

Imported when the arguments are known to be good: it imports torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from mmalign.analysis.deviation import find_deviations
from mmalign.analysis.export import write_phases
from mmalign.analysis.findings import Deviation, write_deviations
from mmalign.analysis.phase_files import read_labels
from mmalign.analysis.phases import transfer_labels, transfer_phases
from mmalign.analysis.retrieval import find_moments
from mmalign.fileio import atomic_write, write_json
from mmalign.structures.alignment import AlignmentResult


@dataclass
class Findings:
    """What was found about the others.

    Attributes:
        result: The alignment, its sequences with the phases that are known of them; -1 marks
            frames of none.
        deviations: Per other its deviations.
        phases: Names of the phases.
    """

    result: AlignmentResult
    deviations: list[list[Deviation]]
    phases: list[str] = field(default_factory=list)


def find(result: AlignmentResult, phases: str | None) -> Findings:
    """Carry phases over and find the deviations.

    Args:
        result: An alignment.
        phases: File of the reference's phases, or None for the labels its poses have.

    Raises:
        InputError: If the file cannot be used.
    """
    names: list[str] = []
    reference = result.reference
    labels = reference.poses.labels
    if phases is not None:
        poses = reference.poses
        labels, names = read_labels(phases, poses.num_frames, poses.fps)
        reference = replace(reference, poses=replace(poses, labels=labels))
    others = []
    for other, pair in zip(result.others, result.pairs, strict=True):
        if labels is not None:
            other = replace(other, poses=replace(other.poses, labels=transfer_labels(pair, labels)))
        others.append(other)
    deviations = [
        find_deviations(pair, reference.poses, other.poses, names)
        for other, pair in zip(others, result.pairs, strict=True)
    ]
    return Findings(replace(result, reference=reference, others=others), deviations, names)


def write_findings(
    findings: Findings, out: str | Path, names: Sequence[str], formats: Sequence[str]
) -> None:
    """Write ``NAME_deviations.json`` and, where phases are known, ``NAME_phases.*``.

    Args:
        findings: From :func:`find`.
        out: The folder.
        names: Per other the name its files begin with.
        formats: Suffixes of :data:`mmalign.analysis.export.FORMATS`.
    """
    result = findings.result
    labels = result.reference.poses.labels
    for i, (name, pair) in enumerate(zip(names, result.pairs, strict=True)):
        write_deviations(Path(out, f"{name}_deviations.json"), findings.deviations[i], pair)
        if labels is None:
            continue
        intervals = transfer_phases(pair, labels, findings.phases)
        for suffix in formats:
            write_phases(Path(out, f"{name}_phases.{suffix}"), intervals, result.others[i].video)


def write_moments(result: AlignmentResult, out: str | Path, seconds: Sequence[float]) -> None:
    """Write ``moments.json`` (every execution) and ``moments.png`` (the most confident one).

    Raises:
        InputError: If the reference has no such time.
    """
    from mmalign.visualization.moment_sheet import draw_moments

    content = [
        {
            "reference_seconds": time,
            "moments": [asdict(m) for pair in result.pairs for m in find_moments(pair, time)],
        }
        for time in seconds
    ]
    write_json(Path(out, "moments.json"), content)
    with atomic_write(Path(out, "moments.png")) as temporary:
        draw_moments(result, seconds).savefig(temporary, dpi=110)
