"""What is found about an execution, and how it is written."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from mmalign.fileio import atomic_write
from mmalign.structures.alignment import AlignedPair


@dataclass(frozen=True)
class Deviation:
    """One finding.

    Attributes:
        kind: ``tempo``, ``pause``, ``idle``, ``missing step``, ``extra part``, ``joint angle`` or
            ``no execution``.
        text: The finding in words, with its figures.
        other_seconds: When it begins in the other; None for what the other lacks.
        reference_seconds: When it begins in the reference; None for what the reference lacks.
        magnitude: How much, in ``unit``.
        unit: ``s``, ``degrees`` or ``x`` (a multiple of the reference's tempo).
        repetition: Which execution it belongs to, from 0; -1 outside of all.
    """

    kind: str
    text: str
    other_seconds: float | None
    reference_seconds: float | None
    magnitude: float
    unit: str
    repetition: int


@dataclass(frozen=True)
class DeviationOptions:
    """From where on a difference is a deviation.

    Attributes:
        tempo: Factor by which a step's tempo must differ, either way.
        seconds: Shortest pause, extra or missing part.
        degrees: Smallest difference of a joint angle.
        moments: At most so many of the worst moments of joint angles are reported.
        separation: They are at least so many seconds apart.
    """

    tempo: float = 1.25
    seconds: float = 0.5
    degrees: float = 15.0
    moments: int = 5
    separation: float = 1.0


def write_deviations(path: str | Path, rows: Sequence[Deviation], pair: AlignedPair) -> Path:
    """Write findings as JSON: the names of both sequences and one object per finding.

    Raises:
        InputError: If the file cannot be written.
    """
    plain = [
        {key: round(x, 3) if isinstance(x, float) else x for key, x in asdict(row).items()}
        for row in rows
    ]
    content = {"reference": pair.reference, "other": pair.other, "deviations": plain}
    with atomic_write(path) as temporary:
        temporary.write_text(
            json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
        )
    return Path(path)
