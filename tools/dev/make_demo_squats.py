r"""Make the recorded movements that `mmalign demo` aligns, out of UI-PRMD.

The first repetition of the deep squat by each of two people whom the packaged network was not
trained on, each through its own virtual camera and at its own frame rate, and the first of the two
again through a camera that began later. Beside each lies when the hips are lowest, as phases: the
3D recording tells.

Example: python tools/dev/make_demo_squats.py ../shared/data/ui_prmd
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from mmalign.cli.demo import ASSETS
from mmalign.cli.guard import guarded
from mmalign.errors import InputError
from mmalign.fileio import atomic_write
from mmalign.formats.base import ConversionReport
from mmalign.formats.benchmarks.ui_prmd import UiPrmdReader
from mmalign.poses.pose_file import PoseSequence, write_pose_file
from mmalign.poses.pose_index import PoseIndex
from mmalign.skeletons import get_skeleton

_STEP = 8
"""Pixels are kept in eighths: the same on every machine, and finer than a millimetre."""


class Part(NamedTuple):
    """One recorded movement.

    Attributes:
        name: Of its files.
        recording: UI-PRMD's file.
        angle: Degrees of the camera to the left of the person's front.
        start: First frame of the recording.
        every: Every how many frames of the recording's 100 per second are seen.
    """

    name: str
    recording: str
    angle: float
    start: int
    every: int


PARTS = (
    Part("first_squat", "m01_s08_e01_positions.txt.gz", 60.0, 0, 2),
    Part("second_squat", "m01_s09_e01_positions.txt.gz", -60.0, 0, 4),
    Part("first_squat_late_camera", "m01_s08_e01_positions.txt.gz", -60.0, 48, 4),
)


def make(part: Part, root: str | Path) -> tuple[PoseSequence, str]:
    """A movement's poses, and the text of its table of phases.

    Raises:
        InputError: If its recording is not there or cannot be read.
    """
    reader = UiPrmdReader(Path(root, part.recording), angles=[part.angle])
    (clip,) = reader.read(
        reader.items()[0], ConversionReport(PoseIndex(reader.skeleton, reader.title))
    )
    poses = clip.sequence
    seen = slice(part.start, None, part.every)
    fps = poses.fps / part.every
    keypoints = np.round(poses.keypoints[seen] * _STEP) / _STEP
    kept = PoseSequence(keypoints, poses.scores[seen], poses.frame_size, fps, poses.skeleton)
    assert poses.keypoints3d is not None
    joints = get_skeleton(poses.skeleton).joints
    hips = poses.keypoints3d[:, [joints.index("left_hip"), joints.index("right_hip")], 2]
    turn = (int(hips.mean(axis=1).argmin()) - part.start) / poses.fps
    rows = ("name,start_seconds,end_seconds", f"down,0.00,{turn:.2f}")
    return kept, "\n".join((*rows, f"up,{turn:.2f},{kept.num_frames / fps:.2f}", ""))


@guarded
def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("root", metavar="UI_PRMD", help="folder of UI-PRMD's deep squats")
    parser.add_argument("--out", metavar="DIR", default=str(ASSETS), help="(default: %(default)s)")
    args = parser.parse_args(argv)
    if missing := [p.recording for p in PARTS if not Path(args.root, p.recording).is_file()]:
        raise InputError(f"{args.root}: lacks {missing[0]}; name the folder of UI-PRMD's files")
    for part in PARTS:
        poses, phases = make(part, args.root)
        path = Path(args.out, f"{part.name}.npz")
        write_pose_file(path, poses)
        with atomic_write(path.with_name(f"{part.name}_phases.csv")) as temporary:
            temporary.write_text(phases, encoding="utf-8")
        print(f"wrote {path} ({path.stat().st_size / 1000:.1f} kB)")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
