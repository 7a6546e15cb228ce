"""One self-contained HTML page on an alignment: it needs no network and no other file."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from mmalign.analysis.findings import Deviation
from mmalign.fileio import atomic_write
from mmalign.structures.alignment import AlignmentResult
from mmalign.version import __version__
from mmalign.visualization.report_data import pair_data

_SCRIPTS = ("clock.js", "panes.js", "tracks.js", "matrix.js", "page.js")


def write_report(
    result: AlignmentResult,
    out: str | Path,
    deviations: Sequence[Sequence[Deviation]] = (),
    phases: Sequence[str] = (),
    videos: bool = True,
    max_seconds: float = 120.0,
) -> Path:
    """Write ``report.html``: each other beside the reference, played in step by the alignment.

    Both sides of a pair are one MP4 inside the page, each of whose frames shows what matches, so
    they cannot drift apart; poses are drawn over it by the page, or alone where there is no video.

    Args:
        result: an alignment.
        out: the folder to write into; made if missing.
        deviations: per other what was found, a row of its table each.
        phases: names of the phases in the sequences' labels; a phase without one has its number.
        videos: whether the page contains the videos' pictures; False leaves only poses.
        max_seconds: how much of each pair is in the page, in seconds of playing time.

    Returns:
        The page's path.

    Raises:
        InputError: If a video cannot be read or the page cannot be written.
    """
    pairs = []
    for index in range(len(result.pairs)):
        data = pair_data(result, index, phases, videos, max_seconds)
        rows = deviations[index] if index < len(deviations) else ()
        data["deviations"] = [_row(row) for row in rows]
        pairs.append(data)
    title = f"{result.reference.name} and {_listed([other.name for other in result.others])}"
    page = _fill({"title": html.escape(title), "version": __version__, "data": _json(pairs)})
    path = Path(out, "report.html")
    with atomic_write(path) as temporary:
        temporary.write_text(page, encoding="utf-8")
    return path


def _row(found: Deviation) -> dict[str, str | float | None]:
    """A line of the table of deviations; the page jumps to its moment."""
    return {
        "kind": found.kind,
        "text": found.text,
        "other_seconds": found.other_seconds,
        "reference_seconds": found.reference_seconds,
    }


def _fill(values: dict[str, str]) -> str:
    """Put values and the page's own parts into the template."""
    folder = files("mmalign.visualization") / "templates"
    read = {
        "style": (folder / "report.css").read_text(encoding="utf-8"),
        "script": "\n".join((folder / name).read_text(encoding="utf-8") for name in _SCRIPTS),
        **values,
    }
    template = (folder / "report.html").read_text(encoding="utf-8")
    # In one pass, so that nothing in a value is taken for a place to fill.
    return re.sub(r"\{\{(\w+)\}\}", lambda place: read[place[1]], template)


def _json(content: object) -> str:
    """JSON that can stand in a script element: no markup can begin in it."""
    return json.dumps(content, separators=(",", ":")).replace("<", "\\u003c")


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{len(names)} others"
