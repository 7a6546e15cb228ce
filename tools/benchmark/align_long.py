r"""Measure alignment of an hour of poses to a ten-second reference: time, memory, what is found.

One generated performer before one camera executes the activity, waits and does other things.

Example: python tools/benchmark/align_long.py CKPT --activity lift --rate 15
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Sequence

import numpy as np
import torch

from mmalign.apis import AlignmentInferencer
from mmalign.cli.guard import guarded
from mmalign.poses.pose_file import PoseSequence
from mmalign.toy import (
    ToySequence,
    generate_dataset,
    generate_sequence,
    get_activity,
    list_activities,
    make_performer,
)
from mmalign.toy.detector import detect

SEED = 11
FPS = 30.0


def hour(activity: str, frames: int) -> tuple[PoseSequence, list[tuple[int, int]]]:
    """One performer before one camera who acts, waits and does other things.

    Executions take six to fourteen seconds.
    """
    rng = np.random.default_rng(SEED)
    skeleton = get_activity(activity).figure.skeleton
    strangers = [
        name
        for name in list_activities()
        if name != activity and get_activity(name).figure.skeleton == skeleton
    ]
    performer = make_performer("val", 0, SEED)
    camera = generate_sequence(activity, performer, SEED).camera
    parts: list[np.ndarray] = []
    truth, total = [], 0
    while True:
        seed, shown = int(rng.integers(1 << 30)), bool(rng.random() < 0.6 or not strangers)
        name = activity if shown else strangers[int(rng.integers(len(strangers)))]
        made = generate_sequence(name, performer, seed, length=(180, 420))
        joints = made.joints
        # They come into the first pose within a second, wait, act, and wait again.
        waits = rng.integers(30, 600, 2)
        before = np.repeat(joints[:1], waits[0], axis=0)
        if parts:
            share = np.minimum(np.arange(waits[0]) / 30, 1)[:, None, None]
            before = (1 - share) * parts[-1][-1] + share * before
        after = np.repeat(joints[-1:], waits[1], axis=0)
        if total + len(before) + len(joints) + len(after) > frames:
            break
        if shown:
            start, end = moving(made)
            truth.append((total + len(before) + start, total + len(before) + end))
        parts += [before, joints, after]
        total += len(before) + len(joints) + len(after)
    parts.append(np.repeat(parts[-1][-1:], frames - total, axis=0))
    pixels, depth = camera.project(np.concatenate(parts))
    keypoints, scores = detect(rng, pixels, depth, skeleton, camera.image_size)
    return PoseSequence(keypoints, scores, camera.image_size, FPS, skeleton), truth


def moving(sequence: ToySequence) -> tuple[int, int]:
    """Frames ``[start, end)`` of the execution without the waiting at its ends."""
    canonical = sequence.canonical_time
    frames = np.flatnonzero((canonical > 0) & (canonical < canonical[-1]))
    return int(frames[0]), int(frames[-1]) + 1


def long_sequence(align: AlignmentInferencer, activity: str, frames: int, rate: float) -> None:
    """Print what an hour of poses costs, and which executions are found in it."""
    poses, truth = hour(activity, frames)
    made = generate_dataset(activity, 16, "val", SEED + 1, length=(330, 330))
    chosen = min(made, key=lambda one: abs(moving(one)[1] - moving(one)[0] - 300))
    reference = _stretch(chosen, *moving(chosen))
    start, cpu = time.perf_counter(), time.process_time()
    pair = align(reference, poses, rate=rate).pairs[0]
    wall, cpu = time.perf_counter() - start, time.process_time() - cpu
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    hits = [max((_overlap(t, r) for r in pair.repetitions), default=0.0) for t in truth]
    found = sum(hit >= 0.5 for hit in hits)
    false = sum(max((_overlap(t, r) for t in truth), default=0.0) < 0.5 for r in pair.repetitions)
    print(
        f"{poses.num_frames} frames against {reference.num_frames} at {rate:g} fps: {wall:.1f} s"
        f" ({cpu:.1f} s of CPU time, {torch.get_num_threads()} threads), {memory:.2f} GiB at most;"
        f" {found} of {len(truth)} executions found, {false} false, median overlap"
        f" {np.median(hits):.2f}"
    )


def _stretch(sequence: ToySequence, start: int, end: int) -> PoseSequence:
    return PoseSequence(
        sequence.keypoints[start:end],
        sequence.scores[start:end],
        sequence.frame_size,
        sequence.fps,
        sequence.skeleton,
    )


def _overlap(a: tuple[int, int], b: tuple[int, int]) -> float:
    """Intersection over union of two intervals."""
    common = max(0, min(a[1], b[1]) - max(a[0], b[0]))
    return common / (a[1] - a[0] + b[1] - b[0] - common)


@guarded
def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("checkpoint", metavar="CKPT")
    parser.add_argument("--activity", default="lift", help="toy activity it was trained on")
    parser.add_argument("--frames", type=int, default=108_000, help="default: %(default)s")
    parser.add_argument("--rate", type=float, default=30.0, help="frames per second embedded")
    args = parser.parse_args(argv)
    align = AlignmentInferencer(args.checkpoint)
    long_sequence(align, args.activity, args.frames, args.rate)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
