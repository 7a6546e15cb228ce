"""Finding or preparing Penn Action's data and choosing among its actions."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from mmalign.errors import InputError
from mmalign.fileio import atomic_write
from mmalign.formats.benchmarks.penn_action import PennActionReader, raw_folder
from mmalign.formats.benchmarks.penn_action_files import canonical_action, list_files
from mmalign.formats.convert import convert
from mmalign.poses.pose_index import INDEX_NAME, SPLITS, read_index


def prepared_data(data_root: str | Path, work_dir: str | Path) -> Path:
    """Return the folder of the prepared data set, preparing it where it is not.

    Args:
        data_root: A prepared data set, or Penn Action's own folder.
        work_dir: Its ``data`` folder gets what is prepared; it is used again while the source's
            files and the reader stay the same.

    Raises:
        InputError: If ``data_root`` is neither.
    """
    root = Path(data_root)
    if (root / INDEX_NAME).is_file():
        return root
    source = raw_folder(root)
    if source is None:
        found = "has neither index.json nor labels/*.mat" if root.is_dir() else "does not exist"
        raise InputError(
            f"{root}: {found}; expected Penn Action's annotations (labels/NNNN.mat and "
            "phase_labels/ACTION_SPLIT.json) or what was prepared from them; get them from "
            "https://dreamdragon.github.io/PennAction/ and name their folder, or prepare them by "
            f"`python tools/data/prepare.py penn_action SRC --out {root}`"
        )
    target = Path(work_dir, "data")
    note, fingerprint = target / "source.txt", _fingerprint(source)
    known = note.is_file() and note.read_text(encoding="utf-8") == fingerprint
    if not (known and (target / INDEX_NAME).is_file()):
        Console(markup=False, emoji=False).print(f"preparing {source} -> {target}", soft_wrap=True)
        convert(PennActionReader(source), target)
        with atomic_write(note) as temporary:
            temporary.write_text(fingerprint, encoding="utf-8")
    return target


def _fingerprint(source: Path) -> str:
    """Hash of the reader's version and of the names, sizes and times of the source's files."""
    files = list_files(source / "labels", ".mat") + list_files(source / "phase_labels", ".json")
    facts = [(str(f), f.stat().st_size, f.stat().st_mtime_ns) for f in files]
    return hashlib.sha256(repr((PennActionReader.VERSION, facts)).encode()).hexdigest()


def choose_actions(data_root: str | Path, wanted: Sequence[str] | None) -> list[str]:
    """Choose the actions to run.

    Args:
        data_root: A prepared data set.
        wanted: Names in either of Penn Action's spellings; None for all that can be scored.

    Returns:
        Names as the index has them.

    Raises:
        InputError: If an action has no labelled sequences in both splits, or none has.
    """
    labelled = Counter((e.action, e.split) for e in read_index(data_root).sequences if e.labelled)
    actions = sorted({action for action, _ in labelled})
    known = [a for a in actions if all(labelled[a, split] for split in SPLITS)]
    halves = ", ".join(
        f"{a} ({', '.join(f'{labelled[a, split]} in {split}' for split in SPLITS)})"
        for a in actions
        if a not in known
    )
    chosen = known
    if wanted is None and known and halves:
        Console(markup=False, emoji=False).print(
            f"left out, labelled in one split only: {halves}", soft_wrap=True
        )
    if wanted is not None:
        chosen = list(dict.fromkeys(a if a in known else canonical_action(a) for a in wanted))
    unknown = [action for action in chosen if action not in known]
    if unknown or not chosen:
        raise InputError(
            f"{data_root}: no labelled sequences in both splits of "
            f"{', '.join(unknown) or 'any action'}; there are of: {', '.join(known) or 'none'}"
            + (f", and in one split only of: {halves}" if halves else "")
            + "; put the action's phase_labels/ACTION_SPLIT.json beside the annotations and prepare"
            " them again"
        )
    return chosen
