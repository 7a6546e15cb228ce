"""MMAction2's and PYSKL's pickles of 2D skeletons: many videos with several people in one file."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np

from mmalign.errors import InputError
from mmalign.formats.mmaction_pickle import MMActionAnnotation, read_mmaction_pickle
from mmalign.formats.people_reader import PeopleReader
from mmalign.formats.recordings import (
    Recording,
    from_tracks,
    stated_rate,
    stated_size,
)
from mmalign.formats.sources import Source, find_files
from mmalign.poses.pose_index import SPLITS


class MMActionReader(PeopleReader):
    """Pickles in the form of MMAction2's ``PoseDataset``; nothing in them is executed.

    The label is the action, unless ``--action`` is given; people keep their place on the first
    axis. Videos of the split whose name ends in ``train`` are training clips, those of ``val``
    or ``test`` validation clips, and videos of neither are left out.

    Args:
        src: The pickle, or a folder of them.
        protocol: How the names of the splits begin, where there are several (``xsub``).
        **options: See :class:`.PeopleReader`.
    """

    name = "mmaction"
    description = "MMAction2, PYSKL: pickles of 2D skeletons, several people per video"
    suffixes = (".pkl", ".pickle")

    def __init__(self, src: str | Path, protocol: str = "", **options: Any) -> None:
        self.protocol = protocol
        self._videos: dict[str, tuple[MMActionAnnotation, str | None]] = {}
        super().__init__(src, **options)

    @classmethod
    def add_arguments(cls, parser: argparse.ArgumentParser) -> None:
        """Declare the choice of splits."""
        super().add_arguments(parser)
        parser.add_argument(
            "--protocol", default="", metavar="PREFIX", help="how the splits' names begin (xsub)"
        )

    def find(self) -> list[Source]:
        """One clip per video."""
        sources = []
        for path in find_files(self.src, self.suffixes):
            annotations = read_mmaction_pickle(path)
            splits = self._splits(annotations, path)
            for annotation in annotations:
                split = next((splits[s] for s in annotation.splits if s in splits), None)
                if splits and split is None:
                    continue
                # A second video of that name is kept: writing it is the error.
                name = annotation.id.strip("/") or "video"
                self._videos[name] = annotation, split
                sources.append(Source(name, (path,)))
        return sources

    def load(self, source: Source) -> Recording:
        """Read one video."""
        annotation, _ = self._videos[source.name]
        keypoints, scores = annotation.people()
        poses = np.concatenate([keypoints, scores[..., None]], axis=-1)
        return Recording(
            from_tracks(poses, annotation.source),
            frame_size=stated_size(annotation.frame_size, annotation.source),
            fps=stated_rate(annotation.content.get("fps"), annotation.source),
        )

    def _splits(self, annotations: list[MMActionAnnotation], path: Path) -> dict[str, str]:
        """``train`` or ``val`` for the names of the file's splits."""
        names = sorted({split for annotation in annotations for split in annotation.splits})
        chosen = {
            name: "train" if name.endswith("train") else "val"
            for name in names
            if name.startswith(self.protocol) and name.endswith(("train", "val", "test"))
        }
        if names and (not chosen or any(list(chosen.values()).count(s) > 1 for s in SPLITS)):
            raise InputError(
                f"{path}: has the splits {', '.join(names):.120}, expected one for training and "
                "one for validation; choose them with --protocol PREFIX"
            )
        return chosen

    def _place(self, item: Source) -> tuple[str, str]:
        annotation, split = self._videos[item.name]
        held_out = "val" if item.name in self._held_out else self.split
        return split or held_out, self.action or annotation.action
