"""MMAction2's and PYSKL's pickles of 2D skeletons: many videos with several people in one file."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
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


class MMActionReader(PeopleReader):
    """Pickles in the form of MMAction2's ``PoseDataset``; nothing in them is executed.

    The label is the action, unless ``--action`` is given; people keep their place on the first
    axis. Videos of the split whose name ends in ``train`` are training clips, those of ``val``, or
    of ``test`` where there is no ``val``, validation clips; videos of neither are left out.

    Args:
        src: The pickle, or a folder of them.
        protocol: How the names of the splits begin, where there are several (``xsub``).
        train_split: Names of the splits whose videos are training clips instead.
        val_split: Names of the splits whose videos are validation clips instead. A video of both
            is a training clip.
        **options: See :class:`.PeopleReader`.
    """

    name = "mmaction"
    description = "MMAction2, PYSKL: pickles of 2D skeletons, several people per video"
    suffixes = (".pkl", ".pickle")

    def __init__(
        self,
        src: str | Path,
        protocol: str = "",
        train_split: Sequence[str] = (),
        val_split: Sequence[str] = (),
        **options: Any,
    ) -> None:
        self.protocol = protocol
        self.wanted = {"train": tuple(train_split), "val": tuple(val_split)}
        self._left_out: dict[Path, str] = {}
        self._videos: dict[str, tuple[MMActionAnnotation, str | None]] = {}
        super().__init__(src, **options)

    @classmethod
    def add_arguments(cls, parser: argparse.ArgumentParser) -> None:
        """Declare the choice of splits."""
        super().add_arguments(parser)
        parser.add_argument(
            "--protocol", default="", metavar="PREFIX", help="how the splits' names begin (xsub)"
        )
        for split, default in (("train", "train"), ("val", "val, or test")):
            parser.add_argument(
                f"--{split}-split",
                nargs="+",
                default=(),
                metavar="NAME",
                help=f"the file's splits that make {split} (default: the one ending in {default})",
            )

    def find(self) -> list[Source]:
        """One clip per video."""
        sources = []
        for path in find_files(self.src, self.suffixes):
            annotations = read_mmaction_pickle(path)
            splits = self._splits(annotations, path)
            for annotation in annotations:
                split = min((splits[s] for s in annotation.splits if s in splits), default=None)
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
        people = annotation.detections()
        if people is None:
            keypoints, scores = annotation.people()
            poses = np.concatenate([keypoints, scores[..., None]], axis=-1)
            people = from_tracks(poses, annotation.source)
        left_out = self._left_out.get(source.paths[0])
        return Recording(
            people,
            frame_size=stated_size(annotation.frame_size, annotation.source),
            fps=stated_rate(annotation.content.get("fps"), annotation.source),
            notes=(left_out,) if left_out else (),
        )

    def _splits(self, annotations: list[MMActionAnnotation], path: Path) -> dict[str, str]:
        """``train`` or ``val`` for the names of the file's splits."""
        names = sorted({split for annotation in annotations for split in annotation.splits})
        if unknown := {*self.wanted["train"], *self.wanted["val"]} - {*names}:
            raise InputError(
                f"{path}: has no split {min(unknown)!r} but {', '.join(names) or 'none'!s:.120}; "
                "correct --train-split and --val-split"
            )
        ends = {"train": ("train",), "val": ("val", "test")}
        chosen: dict[str, str] = {}
        for split, wanted in self.wanted.items():
            for end in ends[split] if not wanted else ():
                mine = [n for n in names if n.startswith(self.protocol) and n.endswith(end)]
                wanted = tuple(name for name in mine if name not in self.wanted["train"])
                if wanted:
                    break
            if not self.wanted[split] and len(wanted) > 1:
                raise self._ambiguous(path, names)
            chosen |= {name: split for name in wanted if name not in chosen}
        if names and not chosen:
            raise self._ambiguous(path, names)
        used = [name for name in names if name in chosen]
        inside = [name for name in names if name.startswith(self.protocol) and name not in chosen]
        if inside and used:
            self._left_out[path] = (
                f"splits that were not used: {', '.join(inside):.120} (--val-split, --train-split)"
            )
        return chosen

    def _ambiguous(self, path: Path, names: list[str]) -> InputError:
        return InputError(
            f"{path}: has the splits {', '.join(names):.120}, expected one for training and "
            "one for validation; choose them with --protocol PREFIX, or --train-split and "
            "--val-split"
        )

    def _place(self, item: Source) -> tuple[str, str]:
        annotation, split = self._videos[item.name]
        held_out = "val" if item.name in self._held_out else self.split
        return split or held_out, self.action or annotation.action
