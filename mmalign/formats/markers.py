"""3D points with names (markers, or joints that were triangulated) as poses seen from the front."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from mmalign.errors import InputError
from mmalign.formats.benchmarks.projection import fit_to_frame
from mmalign.formats.people_reader import PeopleReader
from mmalign.formats.recordings import Recording
from mmalign.formats.sources import Source
from mmalign.formats.table_header import plain
from mmalign.formats.table_joints import joint_indices
from mmalign.poses.people import People
from mmalign.skeletons import Skeleton, get_skeleton, list_skeletons

_METRES = {"m": 1.0, "meters": 1.0, "metres": 1.0, "dm": 0.1, "cm": 0.01, "mm": 0.001}
_FEWEST, _ENOUGH = 6, 0.5
"""Least number, and share of a skeleton's joints, that make points a skeleton."""
_FRAME_SIZE = 720, 1280


@dataclass
class Markers:
    """What a file of 3D points holds.

    Attributes:
        names: Of the ``N`` points.
        points: ``(T, N, 3)``; NaN where one was not seen.
        unit: Of the coordinates, as the file calls it.
        fps: Frames per second, where the file states it.
    """

    names: Sequence[str]
    points: np.ndarray
    unit: str = "m"
    fps: float | None = None


class MarkerReader(PeopleReader):
    """3D points of one person; ``keypoints`` are an orthographic view from the person's front.

    Points whose names are no joints of the skeleton are left out. ``keypoints3d`` are metres in the
    file's frame.

    Args:
        src: File or folder.
        up: The axis that points up; None for the format's usual one.
        **options: See :class:`.PeopleReader`.
    """

    usual_up: ClassVar[str] = "z"

    def __init__(self, src: str | Path, up: str | None = None, **options: Any) -> None:
        self.up = up or self.usual_up
        if self.up not in ("x", "y", "z"):
            raise InputError(f"--up {self.up!r}, expected x, y or z; correct it")
        super().__init__(src, **options)

    @classmethod
    def add_arguments(cls, parser: argparse.ArgumentParser) -> None:
        """Declare the axis that points up."""
        super().add_arguments(parser)
        parser.add_argument(
            "--up",
            choices=("x", "y", "z"),
            default=cls.usual_up,
            help="which axis points up (default: %(default)s)",
        )

    def markers(self, path: Path) -> Markers:
        """Read one file.

        Raises:
            InputError: If it cannot be used.
        """
        raise NotImplementedError

    def load(self, source: Source) -> Recording:
        """Read one file and look at the person from the front."""
        path = source.paths[0]
        found = self.markers(path)
        scale = _METRES.get(found.unit.strip().lower())
        if scale is None:
            raise InputError(
                f"{path}: unit {found.unit!r:.20}, expected one of {', '.join(_METRES)}; correct it"
            )
        skeleton, of_joint = match_markers(found.names, self.chosen_skeleton, str(path))
        points = np.full((len(found.points), skeleton.num_joints, 3), np.nan)
        points[:, list(of_joint)] = found.points[:, list(of_joint.values())] * scale
        there = np.isfinite(points).all(axis=-1)
        points = np.where(there[..., None], points, 0.0)
        size = self.frame_size or _FRAME_SIZE
        view = from_the_front(points, there, skeleton, "xyz".index(self.up))
        pixels = fit_to_frame(view, there, size)
        frames = np.flatnonzero(there.any(axis=1))
        poses = np.concatenate([pixels, there[..., None]], axis=-1)[frames]
        unused = sorted({*range(len(found.names))} - {*of_joint.values()})
        names = ", ".join(found.names[i] for i in unused)
        return Recording(
            People(poses, frames, len(points), np.zeros(len(frames), dtype=np.int64)),
            frame_size=size,
            fps=found.fps,
            skeleton=skeleton.name,
            notes=(f"points that were not used: {names:.120}",) if unused else (),
            shares=False,
            keypoints3d=points[frames],
        )


def match_markers(
    names: Sequence[str], chosen: str | None, source: str
) -> tuple[Skeleton, dict[int, int]]:
    """Tell which joints of which skeleton points are, by their names.

    Args:
        names: Of the points; what stands before a colon, a subject's name, does not count.
        chosen: Name of the skeleton; None for the one with most joints among them, and of several
            the one with fewest others.
        source: What errors name.

    Returns:
        The skeleton, and the point of each joint that is there.

    Raises:
        InputError: If too few are joints of one skeleton.
    """
    plain_names = [plain(name.rpartition(":")[2]) for name in names]
    best: tuple[Skeleton, dict[int, int]] | None = None
    for name in [chosen] if chosen else list_skeletons():
        skeleton = get_skeleton(name)
        indices = joint_indices(plain_names, skeleton)
        found = {joint: i for i, joint in reversed([*enumerate(indices)]) if joint >= 0}
        if best is None or (len(found), -skeleton.num_joints) > (len(best[1]), -best[0].num_joints):
            best = skeleton, found
    assert best is not None
    skeleton, found = best
    if len(found) < max(_FEWEST, 0 if chosen else _ENOUGH * skeleton.num_joints):
        raise InputError(
            f"{source}: found points called {', '.join(names):.120}, of which {len(found)} are "
            f"joints of {skeleton.name}, expected at least {_FEWEST} and half of a skeleton's; "
            "rename them, or name a skeleton with --skeleton"
        )
    return skeleton, found


def from_the_front(
    points: np.ndarray, there: np.ndarray, skeleton: Skeleton, up: int
) -> np.ndarray:
    """An orthographic view from where a person looks to, the same for all frames.

    Args:
        points: ``(T, K, 3)`` of any unit.
        there: ``(T, K)`` bool: joints that count.
        skeleton: Of the joints.
        up: The axis that points up.

    Returns:
        ``(T, K, 2)``: x to the person's left, which is right in the picture, and y down.
    """
    left, right = np.array(skeleton.flip_pairs, dtype=np.intp).reshape(-1, 2).T
    both = there[:, left] & there[:, right]
    across = (points[:, left] - points[:, right])[both]
    aside = np.median(across, axis=0) if len(across) else np.zeros(3)
    aside[up] = 0.0
    length = float(np.linalg.norm(aside))
    if length < 1e-9:
        aside[(up + 1) % 3] = length = 1.0
    return np.stack([points @ (aside / length), -points[..., up]], axis=-1)
