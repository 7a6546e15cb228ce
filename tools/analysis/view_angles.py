r"""Measure alignment between two cameras by the angle between them, where the truth is known.

Every execution of a prepared data set with 3D poses is seen through two virtual cameras that stand
so many degrees apart about the upright axis, the first one anywhere round the person. Each view is
cut to its own random window of 40 to 80 % and warped to its own tempo before anything looks at it.
Printed is the mean error in milliseconds over the frames that have a counterpart: of the network
(nearest frame; DTW; and DTW open at both ends, with the share of frames it matched), and of what
needs no learning: the raw poses by the same algorithms, the clock, the frame number.

Example: python tools/analysis/view_angles.py data/ui_prmd CKPT --split val
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from mmalign.apis import AlignmentInferencer
from mmalign.cli.guard import guarded
from mmalign.datasets.transforms.camera import UPRIGHT
from mmalign.errors import InputError
from mmalign.experiments.alignment_error import (
    Case,
    by_clock,
    by_frame_number,
    by_network,
    by_raw_pose,
    cut_windows,
    measure,
)
from mmalign.functional.camera import orbit
from mmalign.poses.pose_file import PoseSequence, read_pose_file
from mmalign.poses.pose_index import read_index
from mmalign.poses.skeleton_conversion import convert_skeleton

SEED = 0
ELEVATION, DISTANCE = 10.0, 2.0
METHODS = ("nearest", "dtw", "subsequence")


def read_executions(root: str, split: str) -> list[PoseSequence]:
    """The sequences with 3D poses, of several cameras (ID_cam0, ID_cam1, ...) the first.

    Raises:
        InputError: If there is none.
    """
    files: dict[str, str] = {}
    for entry in read_index(root).sequences:
        if split in (entry.split, "all"):
            files.setdefault(re.sub(r"_cam\w+$", "", entry.id), entry.file)
    found = [read_pose_file(Path(root) / file) for file in files.values()]
    solid = [sequence for sequence in found if sequence.keypoints3d is not None]
    if not solid:
        raise InputError(
            f"{root}: no sequence of split {split!r} has 3D poses; prepare data that have, such as"
            " `mmalign data convert ui_prmd` does"
        )
    return solid


def seen_from(sequence: PoseSequence, azimuth: float) -> PoseSequence:
    """The 3D poses, z up, through a camera at an azimuth in degrees."""
    there, points = sequence.scores > 0, sequence.keypoints3d
    assert points is not None
    camera = orbit(points[there], azimuth, ELEVATION, DISTANCE, image_size=sequence.frame_size)
    pixels, _ = camera.project(np.where(there[..., None], points, camera.target))
    return replace(sequence, keypoints=np.where(there[..., None], pixels, 0).astype(np.float32))


def draw_cases(executions: Sequence[PoseSequence], angle: float, num: int) -> list[Case]:
    """Windows of every execution, ``num`` of each, from two cameras ``angle`` degrees apart."""
    rng = np.random.default_rng(SEED)
    cases = []
    for sequence in executions:
        for _ in range(num):
            first = rng.uniform(-180, 180)
            second = first + angle * rng.choice([-1, 1])
            views = seen_from(sequence, first), seen_from(sequence, second)
            cases.append(cut_windows(*views, rng, 0.4, 0.8))
    return cases


@guarded
def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data_root", metavar="DATA_ROOT", help="a prepared data set with 3D poses")
    parser.add_argument("checkpoint", metavar="CKPT")
    parser.add_argument("--split", default="val", choices=("train", "val", "all"))
    parser.add_argument(
        "--angles",
        type=float,
        nargs="+",
        default=[0.0, 15.0, 30.0, 45.0, 60.0, 75.0, 90.0],
        metavar="DEGREES",
        help="between the cameras (default: 0 to 90 in steps of 15)",
    )
    parser.add_argument(
        "--num", type=int, default=4, help="draws per execution (default: %(default)s)"
    )
    parser.add_argument(
        "--up", default="z", choices=UPRIGHT, help="axis of the 3D poses (default: %(default)s)"
    )
    args = parser.parse_args(argv)
    align = AlignmentInferencer(args.checkpoint)
    executions = []
    for sequence in read_executions(args.data_root, args.split):
        assert sequence.keypoints3d is not None
        upright = replace(sequence, keypoints3d=sequence.keypoints3d @ UPRIGHT[args.up].T)
        executions.append(convert_skeleton(upright, align.aligner.skeleton, args.data_root))
    ways = {
        **{method: by_network(align, method) for method in METHODS},
        **{f"raw {method}": by_raw_pose(method) for method in METHODS},
        "clock": by_clock,
        "frame number": by_frame_number,
    }
    print(f"{len(executions)} executions, {args.num} draws each; mean error in ms")
    print("angle  " + "  ".join(f"{way:>15}" for way in ways) + "  matched  raw matched")
    for angle in args.angles:
        cases = draw_cases(executions, angle, args.num)
        found = {way: measure(cases, run) for way, run in ways.items()}
        figures = "  ".join(f"{error.mean:15.1f}" for error in found.values())
        matched, raw = (found[way].matched for way in ("subsequence", "raw subsequence"))
        print(f"{angle:5g}  {figures}  {matched:7.3f}  {raw:11.3f}", flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
