"""Which videos there are, and what each is called in the data set."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from mmalign.errors import InputError
from mmalign.extraction.annotations import Annotations
from mmalign.formats.recordings import natural_key
from mmalign.poses.pose_index import SPLITS
from mmalign.video.container import VIDEO_SUFFIXES


@dataclass(frozen=True)
class Job:
    """One video to be worked on.

    Attributes:
        id: Its name in the data set.
        path: Its file; need not exist.
        name: Its path below the folder that was named.
        split: ``train`` or ``val``.
        action: The activity it shows.
        labels: Phase of each of its pictures, or None.
    """

    id: str
    path: Path
    name: str
    split: str
    action: str
    labels: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Placement:
    """Where videos go whose annotation and folder do not say.

    Attributes:
        split: ``train`` or ``val``.
        action: The activity; where given, it goes before the folder's name.
        val_share: Share of those videos that go to ``val`` instead, spread evenly over the list.

    Raises:
        InputError: If an option cannot be used.
    """

    split: str = "train"
    action: str | None = None
    val_share: float = 0.0

    def __post_init__(self) -> None:
        """Check the options."""
        if self.split not in SPLITS:
            raise InputError(f"--split {self.split!r}, expected one of {', '.join(SPLITS)}")
        if not 0 <= self.val_share <= 1:
            raise InputError(f"--val-share {self.val_share}, expected a number from 0 to 1")

    def holds_out(self, number: int) -> bool:
        """Whether the video of this number, among those concerned, goes to ``val``."""
        before, after = (int(n * self.val_share + 1e-9) for n in (number, number + 1))
        return after > before


def list_jobs(
    videos: Sequence[str | Path],
    placement: Placement | None = None,
    annotations: Annotations | None = None,
) -> list[Job]:
    """List the videos in files and folders.

    A folder is sorted into ``[SPLIT/][ACTION/]VIDEO`` as far as wanted: ``train/squat/a.mp4`` is a
    training video of a squat. A file that is named itself counts as a video whatever its suffix,
    and whether or not it exists: what cannot be read is found when it is worked on.

    Args:
        videos: Files and folders.
        placement: Where videos go whose annotation and folder do not say.
        annotations: What is known of single videos.

    Raises:
        InputError: If a folder has no videos, two videos have one name, or an annotation is of none
            of them.
    """
    placement, annotations = placement or Placement(), annotations or Annotations()
    found = [pair for video in videos for pair in _below(Path(video))]
    stems = Counter(_stem(name) for _, name in found)
    jobs: list[Job] = []
    free = 0
    for path, name in found:
        known = annotations.of(name)
        folders = list(PurePosixPath(name).parts[:-1])
        split = folders.pop(0) if folders and folders[0] in SPLITS else None
        split = known.split or split
        if split is None:
            split = "val" if placement.holds_out(free) else placement.split
            free += 1
        action = known.action or placement.action or (folders[0] if folders else "activity")
        unique = _stem(name) if stems[_stem(name)] == 1 else _id(name)
        jobs.append(Job(unique, path, name, split, action, known.labels))
    twice = [name for name, count in Counter(job.id for job in jobs).items() if count > 1]
    if twice:
        paths = " and ".join(str(job.path) for job in jobs if job.id == twice[0])
        raise InputError(
            f"{paths}: both would be called {twice[0]!r}; give their common folder, or rename one"
        )
    annotations.require_used()
    return jobs


def _below(path: Path) -> list[tuple[Path, str]]:
    """The videos in a file or folder, with their names, in natural order."""
    if not path.is_dir():
        return [(path, path.name)]
    found = [
        (file, file.relative_to(path).as_posix())
        for file in path.rglob("*")
        if file.suffix.lower() in VIDEO_SUFFIXES
        and not file.name.startswith(".")
        and not file.is_dir()
    ]
    if not found:
        suffixes = ", ".join(VIDEO_SUFFIXES)
        raise InputError(f"{path}: a folder without videos ({suffixes}); check the path")
    return sorted(found, key=lambda pair: natural_key(pair[1]))


def _stem(name: str) -> str:
    return _id(PurePosixPath(name).with_suffix("").as_posix())


def _id(name: str) -> str:
    return re.sub(r"[^\w.-]+", "_", name).strip(".") or "video"
