"""Synchronise two long recordings of a body in space by virtual cameras.

Example: python tools/benchmark/sync_long.py --minutes 60

Prints how far the offset is from the truth, the time it took and the memory at most.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Sequence

import numpy as np
from scipy.ndimage import gaussian_filter1d

from mmalign.functional.synchronization import find_clock_offset

FPS, JOINTS, LATER, NOISE = 30.0, 17, 107.0, 2.0


def film(points: np.ndarray, angle: float) -> np.ndarray:
    """Pixels ``(T, K, 2)`` of a camera four metres away that looks from an angle in radians."""
    c, s = np.cos(angle), np.sin(angle)
    seen = points @ np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]]).T
    return 900 * seen[..., :2] / (seen[..., 2:] + 4) + 500


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmark; returns its exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=60, help="(default: %(default)s)")
    args = parser.parse_args(argv)
    frames, later = round(args.minutes * 60 * FPS), round(LATER * FPS)
    rng = np.random.default_rng(0)
    steps = rng.normal(0, 0.5, (frames + later, JOINTS, 3))
    body = rng.normal(0, 0.5, (JOINTS, 3)) + 3 * gaussian_filter1d(steps, 8, axis=0)
    views = film(body[:frames], 0.0), film(body[later:], 1.2)
    noisy = [view + rng.normal(0, NOISE, view.shape) for view in views]
    scores = np.ones((frames, JOINTS))
    began = time.perf_counter()
    found = find_clock_offset((noisy[0], scores), (noisy[1], scores), FPS, round(5 * FPS))
    took = time.perf_counter() - began
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    off = abs(found.lag - later) / FPS * 1000
    print(
        f"{frames} frames of {JOINTS} joints each: {off:.2f} ms off, {took:.1f} s,"
        f" {memory:.2f} GiB at most"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
