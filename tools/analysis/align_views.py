r"""Measure alignment between synchronised views of the same executions, where the truth is known.

The data set is a prepared one whose sequences are named ID_camN, frame k of every camera being the
same instant, such as `mmalign data convert ui_prmd` makes.

* windows: each view is cut to its own random window of 60 to 100 % and warped to its own tempo;
* offset: one view begins later by a known number of frames and has 0.8 times the frame rate; the
  offset between the clocks is read off the alignment.

Beside the network stand the raw poses, aligned by the same algorithms, the clock and the
frame number.

Example: python tools/analysis/align_views.py data/ui_prmd CKPT --split val
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from mmalign.apis import AlignedPair, AlignmentInferencer
from mmalign.cli.guard import guarded
from mmalign.errors import InputError
from mmalign.experiments.alignment_error import (
    Case,
    align_raw_poses,
    by_clock,
    by_frame_number,
    by_network,
    by_raw_pose,
    cut_windows,
    measure,
)
from mmalign.poses.pose_file import PoseSequence, read_pose_file
from mmalign.poses.pose_index import read_index
from mmalign.poses.processing import resample_sequence
from mmalign.poses.skeleton_conversion import convert_skeleton

SEED = 5
SLOWER = 0.8
METHODS = ("subsequence", "dtw", "nearest")


def view_pairs(root: str, split: str, limit: int) -> list[tuple[PoseSequence, PoseSequence]]:
    """The first and last camera of every execution, at most so many executions.

    Raises:
        InputError: If no execution has two cameras.
    """
    views: dict[str, list[str]] = {}
    for entry in read_index(root).sequences:
        name = re.fullmatch(r"(.+)_cam(\w+)", entry.id)
        if name and split in (entry.split, "all"):
            views.setdefault(name[1], []).append(entry.file)
    pairs = [files for files in views.values() if len(files) > 1]
    if not pairs:
        raise InputError(f"{root}: no two sequences ID_camN of one ID in split {split!r}")
    chosen = [pairs[k] for k in np.linspace(0, len(pairs) - 1, min(limit, len(pairs))).astype(int)]
    return [
        (read_pose_file(Path(root) / files[0]), read_pose_file(Path(root) / files[-1]))
        for files in chosen
    ]


def offset(a: PoseSequence, b: PoseSequence, rng: np.random.Generator) -> tuple[Case, float]:
    """The second view begins later, at a lower frame rate; and its beginning in seconds."""
    shift = int(rng.integers(1, max(2, a.num_frames // 3)))
    late = replace(
        b, keypoints=b.keypoints[shift:], scores=b.scores[shift:], labels=None, keypoints3d=None
    )
    slower = resample_sequence(late, b.fps * SLOWER)
    truth = shift + np.arange(slower.num_frames) / SLOWER
    return Case(a, slower, truth), shift / a.fps


def clock_offsets(
    align: Callable[[PoseSequence, PoseSequence], AlignedPair], cases: list[tuple[Case, float]]
) -> str:
    """How far the clocks' offset is from the truth, in milliseconds and frames of the reference.

    Two that match nowhere are taken to begin together.
    """
    errors = []
    for case, truth in cases:
        found = np.nan_to_num(align(case.reference, case.other).offset_seconds)
        errors.append(abs(found - truth) * case.reference.fps)
    within = np.mean(np.array(errors) <= 1)
    ms = np.array(errors) / cases[0][0].reference.fps * 1000
    return (
        f"median {np.median(ms):.1f} ms, largest {ms.max():.1f} ms; within one frame {within:.0%}"
    )


@guarded
def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data_root", metavar="DATA_ROOT", help="a prepared data set")
    parser.add_argument("checkpoint", metavar="CKPT")
    parser.add_argument("--split", default="val", choices=("train", "val", "all"))
    parser.add_argument("--num", type=int, default=30, help="executions (default: %(default)s)")
    args = parser.parse_args(argv)
    align = AlignmentInferencer(args.checkpoint)
    skeleton = align.aligner.skeleton
    pairs = [
        (
            convert_skeleton(a, skeleton, args.data_root),
            convert_skeleton(b, skeleton, args.data_root),
        )
        for a, b in view_pairs(args.data_root, args.split, args.num)
    ]
    rng = np.random.default_rng(SEED)
    cut = [cut_windows(a, b, rng, 0.6) for a, b in pairs]
    print(f"{len(pairs)} executions, windows")
    print(f"{'way':<21} median     p95  matched   (ms, ms, share)")
    ways = {method: by_network(align, method) for method in METHODS}
    ways |= {f"raw pose, {method}": by_raw_pose(method) for method in METHODS}
    ways |= {"clock": by_clock, "frame number": by_frame_number}
    for way, run in ways.items():
        print(f"{way:<21} {measure(cut, run)}", flush=True)
    shifted = [offset(a, b, rng) for a, b in pairs]
    found = clock_offsets(lambda a, b: align(a, b, mirror="no").pairs[0], shifted)
    print(f"offset, network: {found}")
    for method in ("subsequence", "dtw"):
        found = clock_offsets(partial(align_raw_poses, method=method), shifted)
        print(f"offset, raw pose, {method}: {found}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
