r"""Measure `mmalign sync` on synchronised cameras, where the truth is known.

The data set is a prepared one whose sequences are named ID_camN or camN, frame k of every camera
being the same instant. Each time two cameras of one execution are cut to windows of 60 to 100 %,
of which they have at least half of the shorter one in common, and the second has 1, 0.8 or 0.5
times the frame rate. How far the offset found is from the truth stands beside that of the raw poses
(median over an alignment, open-ended or from end to end; 0 where it matches no frame) and the clock
(both begin together). The misfit of two cameras of one execution stands beside that of different
ones, where there are several.

Example: python tools/analysis/sync_cameras.py data/balancing --num 120
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from mmalign.apis import synchronize
from mmalign.apis.synchronizer import DOUBTFUL
from mmalign.cli.guard import guarded
from mmalign.errors import InputError
from mmalign.experiments.alignment_error import align_raw_poses
from mmalign.poses.pose_file import PoseSequence, read_pose_file
from mmalign.poses.pose_index import read_index
from mmalign.poses.processing import resample_sequence

SEED = 0
SLOWER = (1.0, 0.8, 0.5)


def read_views(root: str, split: str) -> list[list[PoseSequence]]:
    """Per execution the poses of its cameras.

    Raises:
        InputError: If no execution has two cameras.
    """
    views: dict[str, list[Path]] = {}
    for entry in read_index(root).sequences:
        name = re.fullmatch(r"(.*?)_?cam(\w+)", entry.id)
        if name and split in (entry.split, "all"):
            views.setdefault(name[1], []).append(Path(root) / entry.file)
    found = [[read_pose_file(file) for file in files] for files in views.values() if files[1:]]
    if not found:
        raise InputError(f"{root}: no two sequences ID_camN of one ID, or camN, in split {split!r}")
    return found


def window(sequence: PoseSequence, rng: np.random.Generator) -> tuple[int, int]:
    """Start and end of a window of 60 to 100 %."""
    length = int(rng.uniform(0.6, 1.0) * sequence.num_frames)
    start = int(rng.integers(0, sequence.num_frames - length + 1))
    return start, start + length


def cut(sequence: PoseSequence, start: int, end: int) -> PoseSequence:
    """Its frames from ``start`` up to ``end``."""
    kept = slice(start, end)
    points, scores = sequence.keypoints[kept], sequence.scores[kept]
    return replace(sequence, keypoints=points, scores=scores, keypoints3d=None, labels=None)


def draw(
    a: PoseSequence, b: PoseSequence, rng: np.random.Generator
) -> tuple[PoseSequence, PoseSequence, float]:
    """Two windows, the second at its own frame rate, and where it starts in the first, seconds."""
    while True:
        (p, q), (s, t) = window(a, rng), window(b, rng)
        if min(q, t) - max(p, s) >= min(q - p, t - s) / 2:
            slower = resample_sequence(cut(b, s, t), b.fps * rng.choice(SLOWER))
            return cut(a, p, q), slower, (s - p) / a.fps


def raw_offset(a: PoseSequence, b: PoseSequence, method: str) -> float:
    """The offset by the raw poses; 0 where they match nowhere."""
    return float(np.nan_to_num(align_raw_poses(a, b, method).offset_seconds))


@guarded
def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data_root", metavar="DATA_ROOT", help="a prepared data set")
    parser.add_argument("--split", default="all", choices=("train", "val", "all"))
    parser.add_argument("--num", type=int, default=120, help="draws (default: %(default)s)")
    args = parser.parse_args(argv)
    views = read_views(args.data_root, args.split)
    rng = np.random.default_rng(SEED)
    errors: dict[str, list[float]] = {
        way: [] for way in ("sync", "raw pose, subsequence", "raw pose, dtw", "clock")
    }
    same: list[float] = []
    different: list[float] = []
    fps = views[0][0].fps
    for _ in range(args.num):
        execution = views[rng.integers(len(views))]
        first, second = rng.choice(len(execution), 2, replace=False)
        a, b, truth = draw(execution[first], execution[second], rng)
        (found,) = synchronize(a, b).offsets
        same.append(found.misfit)
        errors["sync"].append(found.seconds - truth)
        for method in ("subsequence", "dtw"):
            errors[f"raw pose, {method}"].append(raw_offset(a, b, method) - truth)
        errors["clock"].append(-truth)
        if len(views) > 1:
            one, two = rng.choice(len(views), 2, replace=False)
            c, d, _ = draw(views[one][0], views[two][-1], rng)
            different.append(synchronize(c, d).offsets[0].misfit)
    print(f"{args.num} draws at {fps:g} fps; of the offset's error in milliseconds")
    print(f"{'way':<21} median     p95     max  within one frame")
    for way, values in errors.items():
        ms = np.abs(values) * 1000
        median, high = np.percentile(ms, [50, 95])
        share = np.mean(ms <= 1000 / fps + 1e-6)
        print(f"{way:<21} {median:6.1f} {high:7.1f} {ms.max():7.1f}  {share:.3f}")
    for name, values in (("same execution", same), ("different executions", different)):
        if values:
            low, middle, high = np.percentile(values, [5, 50, 95])
            told = np.mean([value <= DOUBTFUL for value in values])
            print(
                f"misfit, {name}: {middle:.3f} (5 % {low:.3f}, 95 % {high:.3f});"
                f" taken for the same moments {told:.3f}"
            )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
