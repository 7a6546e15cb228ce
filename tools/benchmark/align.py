r"""Measure alignment on generated executions whose correspondence is known exactly.

Example: python tools/benchmark/align.py CKPT --activity lift

Prints per case the error in milliseconds of the reference over the frames that move and have a
counterpart, beside the raw poses aligned by the same algorithms and the clock; and how well the
score of "same activity" tells executions of other activities apart.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from sklearn.metrics import roc_auc_score

from mmalign.apis import AlignmentInferencer
from mmalign.cli.guard import guarded
from mmalign.experiments.alignment_error import Case, by_clock, by_network, by_raw_pose, measure
from mmalign.functional.pose import mirror
from mmalign.poses.pose_file import PoseSequence
from mmalign.poses.processing import resample_sequence
from mmalign.skeletons import get_skeleton
from mmalign.toy import (
    ToySequence,
    correspondence,
    generate_dataset,
    get_activity,
    list_activities,
)

SEED = 11


def poses_of(sequence: PoseSequence, start: int = 0, end: int | None = None) -> PoseSequence:
    """A stretch of a sequence as plain poses."""
    return PoseSequence(
        sequence.keypoints[start:end],
        sequence.scores[start:end],
        sequence.frame_size,
        sequence.fps,
        sequence.skeleton,
    )


def truth_of(reference: ToySequence, other: ToySequence) -> np.ndarray:
    """Frames of the reference; NaN where the other idles and any answer would do."""
    canonical = other.canonical_time
    moving = (canonical > 0) & (canonical < canonical[-1])
    return np.where(moving, correspondence(other, reference), np.nan)


def whole(a: ToySequence, b: ToySequence, rng: np.random.Generator) -> Case:
    """Whole executions: idle time and tempo differ."""
    return Case(poses_of(a), poses_of(b), truth_of(a, b))


def overlapping(a: ToySequence, b: ToySequence, rng: np.random.Generator) -> Case:
    """A window of each; 40 to 100 % of the other's has its counterpart in the reference's."""
    truth = truth_of(a, b)
    while True:
        (s, e), (t, f) = (_window(rng, x.num_frames) for x in (a, b))
        inside = (correspondence(b, a)[t:f] >= s) & (correspondence(b, a)[t:f] <= e - 1)
        if inside.mean() >= 0.4:
            return Case(poses_of(a, s, e), poses_of(b, t, f), truth[t:f] - s)


def _window(rng: np.random.Generator, frames: int) -> tuple[int, int]:
    length = int(rng.uniform(0.4, 1.0) * frames)
    start = int(rng.integers(0, frames - length + 1))
    return start, start + length


def mirrored(a: ToySequence, b: ToySequence, rng: np.random.Generator) -> Case:
    """The other seen in a mirror."""
    other = poses_of(b)
    flip = get_skeleton(b.skeleton).flip_index
    keypoints, scores = mirror(b.keypoints, b.scores, b.frame_size[1], flip)
    return Case(poses_of(a), replace(other, keypoints=keypoints, scores=scores), truth_of(a, b))


def two_rates(a: ToySequence, b: ToySequence, rng: np.random.Generator) -> Case:
    """The reference at 24 frames per second, the other at 60."""
    slow, fast = resample_sequence(poses_of(a), 24.0), resample_sequence(poses_of(b), 60.0)
    frames = np.arange(fast.num_frames) * (b.fps / 60)
    truth = np.interp(frames, np.arange(b.num_frames), truth_of(a, b))
    return Case(slow, fast, truth * (24 / a.fps))


CASES = {"whole": whole, "overlap": overlapping, "mirrored": mirrored, "24 / 60 fps": two_rates}


def accuracy(align: AlignmentInferencer, sequences: list[ToySequence]) -> None:
    """Print the errors of every case and way to align."""
    rng = np.random.default_rng(SEED)
    ways = {m: by_network(align, m) for m in ("subsequence", "dtw", "soft", "nearest")}
    ways |= {f"raw pose, {m}": by_raw_pose(m) for m in ("subsequence", "dtw", "nearest")}
    ways["clock"] = by_clock
    print(f"{'case':<12} {'way':<21} median     p95  matched   (ms, ms, share)")
    for name, make in CASES.items():
        pairs = zip(sequences, sequences[1:] + sequences[:1], strict=True)
        cases = [make(a, b, rng) for a, b in pairs]
        for way, run in ways.items():
            print(f"{name:<12} {way:<21} {measure(cases, run)}", flush=True)


def separation(align: AlignmentInferencer, sequences: list[ToySequence], activity: str) -> None:
    """Print how well "same activity" tells executions of other activities apart."""
    skeleton = get_activity(activity).figure.skeleton
    strangers = [
        stranger
        for name in list_activities()
        if name != activity and get_activity(name).figure.skeleton == skeleton
        for stranger in generate_dataset(name, len(sequences) // 2, "val", SEED)
    ]
    if not strangers:
        return
    same = list(zip(sequences, sequences[1:] + sequences[:1], strict=True))
    other = list(zip(sequences, strangers, strict=False))
    scores = [align(poses_of(a), poses_of(b)).pairs[0].same_activity for a, b in [*same, *other]]
    truth = np.arange(len(scores)) < len(same)
    flagged = np.array(scores) < 0.5
    print(
        f"same activity: AUC {roc_auc_score(truth, scores):.3f}; flagged"
        f" {flagged[~truth].mean():.0%} of {len(other)} pairs of different activities and"
        f" {flagged[truth].mean():.0%} of {len(same)} of one"
    )


@guarded
def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("checkpoint", metavar="CKPT")
    parser.add_argument("--activity", default="lift", help="toy activity it was trained on")
    parser.add_argument("--num", type=int, default=24, help="executions (default: %(default)s)")
    args = parser.parse_args(argv)
    align = AlignmentInferencer(args.checkpoint)
    sequences = generate_dataset(args.activity, args.num, "val", SEED)
    accuracy(align, sequences)
    separation(align, sequences, args.activity)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
