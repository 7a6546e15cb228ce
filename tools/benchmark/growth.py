r"""Fit how time and memory grow with size: exponents of embedding, alignment, medoid, evaluation.

The exponent is the slope of the logarithm of CPU seconds, or of the peak of the memory that arrays
take, over that of the size.

Example: OMP_NUM_THREADS=1 python tools/benchmark/growth.py
"""

from __future__ import annotations

import argparse
import time
import tracemalloc
from collections.abc import Callable, Sequence

import numpy as np

from mmalign.apis.embedder import RawPoseEmbedder
from mmalign.cli.guard import guarded
from mmalign.functional.alignment import align_frames
from mmalign.functional.medoid import medoid
from mmalign.functional.metrics import ClipOrder, FrameRetrieval, compare_clips
from mmalign.poses.pose_file import PoseSequence

SEED, DIMS, FPS = 11, 64, 30.0


def curve(frames: int, rng: np.random.Generator) -> np.ndarray:
    """A smooth embedding ``(frames, DIMS)``, float32, that comes back to its places."""
    place = np.arange(frames)[:, None] / 25 * rng.uniform(0.8, 1.2)
    made = np.sin(place * np.linspace(0.5, 1, DIMS) + np.arange(DIMS))
    return (made + rng.normal(0, 0.1, made.shape)).astype(np.float32)


def embedding(frames: int) -> Callable[[], object]:
    """Poses of so many frames, embedded by their joints."""
    rng = np.random.default_rng(SEED)
    keypoints = rng.normal(320, 40, (frames, 17, 2))
    poses = PoseSequence(keypoints, np.ones((frames, 17)), (640, 640), FPS, "coco17")
    return lambda: RawPoseEmbedder()(poses, FPS)


def alignment(frames: int) -> Callable[[], object]:
    """A sequence of so many frames, aligned to 150."""
    rng = np.random.default_rng(SEED)
    reference, other = curve(150, rng), curve(frames, rng)
    return lambda: align_frames(reference, other, FPS)


def choice(clips: int) -> Callable[[], object]:
    """The medoid of so many clips of 60 frames."""
    rng = np.random.default_rng(SEED)
    made = [curve(60, rng) for _ in range(clips)]
    return lambda: medoid(made)


def evaluation(clips: int) -> Callable[[], object]:
    """Tau and retrieval of so many clips of 60 frames."""
    rng = np.random.default_rng(SEED)
    made = [curve(60, rng) for _ in range(clips)]
    labels = [np.arange(60) // 20 for _ in made]

    def compute() -> None:
        compare_clips(made, ClipOrder([60] * clips), FrameRetrieval(labels, (5, 10, 15)))

    return compute


WORKS = {
    "embedding (raw pose), frames": (embedding, (8_000, 16_000, 32_000, 64_000)),
    "alignment to 150 frames, frames": (alignment, (2_000, 4_000, 8_000, 16_000)),
    "medoid, clips": (choice, (12, 25, 50, 100)),
    "tau and retrieval, clips": (evaluation, (25, 50, 100, 200)),
}


def cost(work: Callable[[], object], repeats: int) -> tuple[float, float]:
    """CPU seconds, the median, and the peak of memory in MiB."""
    seconds = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        seconds.append(time.process_time() - start)
    tracemalloc.start()
    work()
    peak = tracemalloc.get_traced_memory()[1] / 2**20
    tracemalloc.stop()
    return float(np.median(seconds)), peak


def exponent(sizes: Sequence[int], costs: Sequence[float]) -> float:
    """Slope of the logarithm of the costs over that of the sizes."""
    return float(np.polyfit(np.log(sizes), np.log(costs), 1)[0])


@guarded
def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--repeats", type=int, default=3, help="of each measurement (default: %(default)s)")
    add("--divide", type=int, default=1, help="divide all sizes by it (default: %(default)s)")
    args = parser.parse_args(argv)
    for name, (make, wanted) in WORKS.items():
        sizes = [max(2, size // args.divide) for size in wanted]
        costs = [cost(make(size), args.repeats) for size in sizes]
        for size, (seconds, peak) in zip(sizes, costs, strict=True):
            print(f"{name} {size}: {seconds:.3f} s, {peak:.1f} MiB")
        slopes = [exponent(sizes, part) for part in zip(*costs, strict=True)]
        print(f"{name}: time grows as size^{slopes[0]:.2f}, memory as size^{slopes[1]:.2f}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
