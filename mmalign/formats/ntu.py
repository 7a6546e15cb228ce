"""NTU RGB+D's ``.skeleton`` files: up to six bodies of 25 joints, as Kinect V2 follows them.

Shahroudy et al., NTU RGB+D, CVPR 2016. The number of frames; per frame the number of bodies; per
body a line that begins with its number, the number of joints, and of each joint x, y, z in metres,
its place in the depth picture, its place in the colour picture, its orientation, and 0, 1 or 2:
not tracked, inferred, tracked.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from mmalign.errors import InputError
from mmalign.fileio import check_size
from mmalign.formats.people_reader import PeopleReader
from mmalign.formats.recordings import Recording
from mmalign.formats.sources import Source
from mmalign.poses.people import People, clean_poses

_SCORES = np.array([0.0, 0.5, 1.0])
_JOINTS, _NUMBERS = 25, 12
_ACTION = re.compile(r"S\d{3}C\d{3}P\d{3}R\d{3}(A\d{3})", re.ASCII)


class NtuReader(PeopleReader):
    """Bodies in the colour picture; an inferred joint scores 0.5, and 3D is kept.

    Kinect takes chairs and bags for bodies, which are large and stand still: ``--person`` is
    ``moving`` unless it is named. The action is the one in the file's name.
    """

    name = "ntu"
    description = "NTU RGB+D: .skeleton files of Kinect V2; 3D kept; takes who moves most"
    suffixes = (".skeleton",)

    def __init__(self, src: str | Path, person: str = "moving", **options: Any) -> None:
        super().__init__(src, person=person, **options)

    @classmethod
    def add_arguments(cls, parser: argparse.ArgumentParser) -> None:
        """Declare the options; the one that moves most is taken by default."""
        super().add_arguments(parser)
        parser.set_defaults(person="moving")

    def load(self, source: Source) -> Recording:
        """Read one file."""
        path = source.paths[0]
        try:
            check_size(path, 4 * path.stat().st_size, "its text")
            words = iter(path.read_text(encoding="ascii").split())
            table, frames, names, count = _bodies(words)
        except (OSError, ValueError, StopIteration) as error:
            raise InputError(
                f"{path}: no readable .skeleton file ({error or 'it ends too soon'}), expected "
                f"bodies of {_JOINTS} joints with {_NUMBERS} numbers each; download it again"
            ) from error
        state = table[..., 11].astype(np.int64).clip(0, 2)
        poses = np.concatenate([table[..., 5:7], _SCORES[state][..., None]], axis=-1)
        poses = clean_poses(poses, str(path))
        numbers = {name: i for i, name in enumerate(dict.fromkeys(names))}
        tracks = np.array([numbers[name] for name in names], dtype=np.int64)
        return Recording(
            People(poses, frames, count, tracks),
            frame_size=(1080, 1920),
            fps=30.0,
            skeleton="kinect25",
            shares=False,
            keypoints3d=table[..., :3],
        )

    def _place(self, item: Source) -> tuple[str, str]:
        split, action = super()._place(item)
        match = _ACTION.match(item.name.rpartition("/")[2])
        return split, match[1] if match and not self.action else action


def _bodies(words: Iterator[str]) -> tuple[np.ndarray, np.ndarray, list[str], int]:
    """``(D, 25, 12)`` numbers of the bodies, their frames and names, and the number of frames."""
    count = int(next(words))
    table, frames, names = [], [], []
    for frame in range(count):
        for _ in range(int(next(words))):
            names.append(next(words))
            for _ in range(9):
                next(words)
            joints = int(next(words))
            if joints != _JOINTS:
                raise ValueError(f"a body of {joints} joints")
            table.append([float(next(words)) for _ in range(_JOINTS * _NUMBERS)])
            frames.append(frame)
    bodies = np.array(table).reshape(-1, _JOINTS, _NUMBERS)
    return np.nan_to_num(bodies), np.array(frames, dtype=np.int64), names, count
