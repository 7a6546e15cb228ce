"""Time the heatmap renderer against MMAction2's GeneratePoseTarget, side by side on one thread.

Example: python tools/benchmark/heatmap.py --frames 64 --repeats 10
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np
import torch
from mmaction.datasets.transforms import GeneratePoseTarget

from mmalign.compat import keep_freed_memory
from mmalign.functional.heatmap import pose_heatmaps
from mmalign.skeletons import get_skeleton


def measure(functions: dict[str, Callable[[], object]], repeats: int) -> dict[str, float]:
    """Median seconds of each function.

    They take turns, so that a noisy machine hits all alike, each running five times in a row: as
    in a loop over clips, it finds its own data in the caches, not another function's.
    """
    seconds: dict[str, list[float]] = {name: [] for name in functions}
    for repeat in range(repeats + 1):
        for name, function in functions.items():
            for _ in range(5):
                start = time.perf_counter()
                function()
                if repeat:  # The first round warms up.
                    seconds[name].append(time.perf_counter() - start)
    return {name: statistics.median(values) for name, values in seconds.items()}


def main() -> None:
    """Print the times and their ratio."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--frames", type=int, default=64)
    parser.add_argument("--size", type=int, default=30)
    parser.add_argument("--sigma", type=float, default=0.6)
    parser.add_argument("--repeats", type=int, default=10)
    parser.add_argument("--compile", action="store_true", help="also time torch.compile")
    args = parser.parse_args()
    torch.set_num_threads(1)
    keep_freed_memory()  # As training does.

    joints = get_skeleton("coco17").num_joints
    limbs = [(i, (i + 1) % joints) for i in range(joints)]  # 17 joints and 17 limbs
    rng = np.random.default_rng(0)
    keypoint = rng.uniform(0, args.size - 1, (1, args.frames, joints, 2)).astype(np.float32)
    score = rng.uniform(0.1, 1, (1, args.frames, joints)).astype(np.float32)
    pose, confidence = torch.from_numpy(keypoint[0]), torch.from_numpy(score[0])
    shape = (args.size, args.size)

    def upstream(with_kp: bool) -> Callable[[], object]:
        target = GeneratePoseTarget(
            sigma=args.sigma, with_kp=with_kp, with_limb=not with_kp, skeletons=limbs
        )
        # It edits its input's containers.
        return lambda: target.transform(
            dict(keypoint=keypoint.copy(), keypoint_score=score.copy(), img_shape=shape)
        )

    functions = {
        "upstream, joints": upstream(True),
        "upstream, limbs": upstream(False),
        "mmalign, joints and limbs": lambda: pose_heatmaps(
            pose, confidence, limbs, shape, args.sigma
        ),
    }
    if args.compile:
        functions["mmalign, torch.compile"] = compiled(pose, confidence, limbs, shape, args.sigma)
    times = measure(functions, args.repeats)
    for name, seconds in times.items():
        print(f"{name:28s} {1e3 * seconds:9.2f} ms")
    ratio = (times["upstream, joints"] + times["upstream, limbs"]) / times[
        "mmalign, joints and limbs"
    ]
    print(f"ratio (joints + limbs, T={args.frames}, one thread): {ratio:.1f}")


def compiled(
    pose: torch.Tensor,
    score: torch.Tensor,
    limbs: list[tuple[int, int]],
    shape: tuple[int, int],
    sigma: float,
) -> Callable[[], object]:
    """The compiled renderer, or the eager one with a line that says why."""
    function = torch.compile(pose_heatmaps)
    try:
        function(pose, score, limbs, shape, sigma)
    except Exception as error:  # No compiler, or one that fails: torch raises many types.
        print(f"torch.compile is not at hand ({type(error).__name__}): the eager path runs instead")
        return lambda: pose_heatmaps(pose, score, limbs, shape, sigma)
    return lambda: function(pose, score, limbs, shape, sigma)


if __name__ == "__main__":
    main()
