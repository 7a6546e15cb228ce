r"""Measure what users wait for beside plain references and other libraries, in one table.

Both sides do the same work by turns in one process, and must give the same result. Times are
medians of CPU time. A library that is not installed is named, and its row left out.

Example: OMP_NUM_THREADS=1 python tools/benchmark/all.py
"""

from __future__ import annotations

import argparse
import importlib
import itertools
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np
from scipy.spatial.distance import cdist
from scipy.stats import kendalltau

from mmalign.cli.guard import guarded
from mmalign.functional.dtw import dtw_path
from mmalign.functional.match_quality import frame_distances
from mmalign.functional.medoid import medoid
from mmalign.functional.metrics import kendalls_tau, retrieval_ap
from mmalign.functional.subsequence import find_occurrences

SEED, DIMS = 11, 128
# Seconds of a reference after which a row is not repeated.
_ENOUGH = 5.0


@dataclass
class Row:
    """A row of the table: one work, done in two ways that give one number.

    Attributes:
        work: What is done.
        before: The plain reference, or the other library.
        now: The toolkit.
        peer: The module that ``before`` needs.
    """

    work: str
    before: Callable[[], float]
    now: Callable[[], float]
    peer: str | None = None


def executions(number: int, frames: int) -> list[np.ndarray]:
    """Embeddings ``(T_i, DIMS)`` of one activity at different tempos, float32."""
    rng = np.random.default_rng(SEED)
    clips = []
    for _ in range(number):
        length = int(rng.integers(frames * 3 // 4, frames * 5 // 4))
        place = np.linspace(0, 1, length)[:, None] ** rng.uniform(0.7, 1.4)
        curve = np.sin(4 * place * np.linspace(1, 2, DIMS) + np.arange(DIMS))
        clips.append((curve + rng.normal(0, 0.2, curve.shape)).astype(np.float32))
    return clips


def loop_dtw(costs: np.ndarray) -> float:
    """Total cost of the cheapest monotone path, cell by cell."""
    table = costs.astype(np.float64).tolist()
    for i, row in enumerate(table):
        for j in range(len(row)):
            reach = [table[i - 1][j - 1]] if i and j else []
            reach += [table[i - 1][j]] if i else []
            reach += [row[j - 1]] if j else []
            row[j] += min(reach, default=0.0)
    return float(table[-1][-1])


def loop_best(distances: np.ndarray, allowance: float) -> float:
    """What the best path of the table collects, cell by cell, as find_occurrences defines it."""
    gains = (allowance - distances).tolist()
    singles = ((allowance - distances) - 0.3 * allowance).tolist()
    scores: list[list[float]] = []
    for i, row in enumerate(gains):
        scores.append([])
        for j, gain in enumerate(row):
            reach = [2 * gain + (scores[i - 1][j - 1] if i and j else 0.0)]
            reach += [scores[i - 1][j] + singles[i][j]] if i else []
            reach += [scores[i][j - 1] + singles[i][j]] if j else []
            scores[i].append(max(reach))
    return max(*scores[-1], *(row[-1] for row in scores))


def loop_tau(clips: Sequence[np.ndarray]) -> float:
    """Kendall's tau pair by pair, as CARL's released code computes it."""
    taus = []
    for query, support in itertools.permutations(clips, 2):
        nearest = cdist(query, support, "sqeuclidean").argmin(axis=1)
        taus.append(kendalltau(np.arange(len(query)), nearest).statistic)
    return float(np.nanmean(taus))


def sorted_precision(clips: Sequence[np.ndarray], labels: Sequence[np.ndarray]) -> float:
    """AP@10 by sorting all distances of every frame."""
    hits = []
    for k, clip in enumerate(clips):
        support = np.concatenate([one for i, one in enumerate(clips) if i != k])
        phases = np.concatenate([one for i, one in enumerate(labels) if i != k])
        nearest = np.argsort(cdist(clip, support, "sqeuclidean"), axis=1)[:, :10]
        hits.append((phases[nearest] == labels[k][:, None]).mean(axis=1))
    return float(np.concatenate(hits).mean())


def paths_medoid(clips: Sequence[np.ndarray]) -> float:
    """The medoid, from every pair's path by itself."""
    costs = np.zeros((len(clips), len(clips)))
    for i, j in itertools.combinations(range(len(clips)), 2):
        distances = frame_distances(clips[j], clips[i])
        path = dtw_path(distances)
        costs[i, j] = costs[j, i] = distances[path[:, 0], path[:, 1]].mean()
    return float(costs.sum(axis=1).argmin())


def along(costs: np.ndarray) -> float:
    """Total cost along the toolkit's path."""
    path = dtw_path(costs)
    return float(costs[path[:, 0], path[:, 1]].sum(dtype=np.float64))


def rows(frames: int, clips: int) -> list[Row]:
    """The table's rows.

    Args:
        frames: Of a sequence that is aligned.
        clips: Of an evaluation.
    """
    first, second = executions(2, frames)
    distances = frame_distances(first, second)
    costs = distances.astype(np.float64)
    allowance = 0.5 * float(np.median(distances))
    some = executions(clips, 80)
    labels = [np.arange(len(clip)) * 4 // len(clip) for clip in some]
    few = some[: max(3, clips // 4)]

    def dtaidistance() -> float:
        dtw: Any = importlib.import_module("dtaidistance.dtw_ndim")
        return float(dtw.distance(first.astype(float), second.astype(float))) ** 2

    def librosa() -> float:
        sequence: Any = importlib.import_module("librosa.sequence")
        return float(sequence.dtw(C=costs)[0][-1, -1])

    squared = cdist(first.astype(np.float64), second.astype(np.float64), "sqeuclidean")
    size = f"{len(first)} x {len(second)} frames"
    return [
        Row(
            f"occurrences, {size}; a plain loop",
            lambda: loop_best(distances, allowance),
            lambda: find_occurrences(distances, allowance)[1].score,
        ),
        Row(f"DTW path, {size}; a plain loop", lambda: loop_dtw(costs), lambda: along(costs)),
        Row(f"DTW path, {size}; librosa", librosa, lambda: along(costs), "librosa"),
        Row(f"DTW, {size}; dtaidistance", dtaidistance, lambda: along(squared), "dtaidistance"),
        Row(
            f"tau, {clips} clips; pair by pair (CARL's)",
            lambda: loop_tau(some),
            lambda: kendalls_tau(some)[0],
        ),
        Row(
            f"AP@10, {clips} clips; all sorted",
            lambda: sorted_precision(some, labels),
            lambda: retrieval_ap(some, labels, (10,))[10],
        ),
        Row(
            f"medoid, {len(few)} clips; path by path",
            lambda: paths_medoid(few),
            lambda: float(medoid(few)),
        ),
    ]


def measure(row: Row, repeats: int) -> tuple[float, float]:
    """Median CPU seconds of both ways.

    Raises:
        RuntimeError: If they do not give the same.
    """
    spent: tuple[list[float], list[float]] = ([], [])
    for _ in range(repeats):
        found = []
        for way, times in zip((row.before, row.now), spent, strict=True):
            start = time.process_time()
            found.append(way())
            times.append(time.process_time() - start)
        if not np.isclose(found[0], found[1], rtol=1e-5):
            raise RuntimeError(f"{row.work}: found {found[1]}, expected {found[0]}")
        if sum(spent[0]) > _ENOUGH:
            break
    return float(np.median(spent[0])), float(np.median(spent[1]))


@guarded
def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--frames", type=int, default=300, help="of a sequence (default: %(default)s)")
    add("--clips", type=int, default=100, help="of an evaluation (default: %(default)s)")
    add("--repeats", type=int, default=3, help="of each row (default: %(default)s)")
    args = parser.parse_args(argv)
    print(f"| {'work; before':52} | before, ms | now, ms | ratio |")
    print(f"|{'-' * 54}|-----------:|--------:|------:|")
    for row in rows(args.frames, args.clips):
        if row.peer and find_spec(row.peer) is None:
            print(f"| {row.work:52} | {row.peer} is not installed | | |")
            continue
        before, now = measure(row, args.repeats)
        print(
            f"| {row.work:52} | {1e3 * before:10.1f} | {1e3 * now:7.1f} | {before / now:5.1f} |",
            flush=True,
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
