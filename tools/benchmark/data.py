"""Measure loading at scale: opening a large data set, a worker's memory, what an epoch waits for.

The data set is generated once, in --root, and used again.

Example: python tools/benchmark/data.py --root work_dirs/large --sequences 20000
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import track
from torch.utils.data import DataLoader

from mmalign.datasets import PoseSequenceDataset
from mmalign.poses.npz_archive import read_npz
from mmalign.poses.pose_file import PoseSequence, write_pose_file
from mmalign.poses.pose_index import INDEX_NAME, PoseIndex, SequenceEntry, write_index

SKELETON, JOINTS, FPS = "coco17", 17, 30.0
BATCH = 64


def generate(root: Path, number: int) -> None:
    """Write a data set of smooth random tracks of 40 to 120 frames with labels."""
    index = PoseIndex(SKELETON, "random tracks", {"wave": {"phases": ["0", "1", "2"]}})
    for i in track(range(number), "generating", console=Console(stderr=True)):
        rng = np.random.default_rng(i)
        frames = int(rng.integers(40, 121))
        steps = rng.normal(0, 2, (frames, JOINTS, 2)).cumsum(axis=0)
        sequence = PoseSequence(
            keypoints=320 + 100 * rng.normal(size=(JOINTS, 2)) + steps,
            scores=rng.uniform(0.2, 1, (frames, JOINTS)),
            frame_size=(640, 640),
            fps=FPS,
            skeleton=SKELETON,
            labels=np.arange(frames) * 3 // frames,
        )
        name = f"{i:06d}"
        entry = SequenceEntry(
            name, f"poses/{name}.npz", "train", "wave", frames, FPS, True, f"video {name}"
        )
        write_pose_file(root / entry.file, sequence)
        index.sequences.append(entry)
    write_index(root, index)


def forget(files: list[Path]) -> None:
    """Ask the system to drop files from its cache, so that they come from the disk again."""
    os.sync()
    for file in files:
        descriptor = os.open(file, os.O_RDONLY)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(descriptor)


def timed(function: Callable[[Any], object], items: Sequence[Any]) -> tuple[float, float]:
    """Milliseconds per item: of the clock, and of this process's CPU."""
    wall, cpu = time.perf_counter(), time.process_time()
    for item in items:
        function(item)
    count = len(items) / 1e3
    return (time.perf_counter() - wall) / count, (time.process_time() - cpu) / count


def what_an_epoch_waits_for(dataset: PoseSequenceDataset, root: Path) -> None:
    """Print the parts of loading a sample, in random order: disk, decompression, Python."""
    order = np.random.default_rng(0).permutation(len(dataset)).tolist()
    files = [root / "poses" / f"{i:06d}.npz" for i in order]
    forget(files)
    disk, _ = timed(Path.read_bytes, files)
    _, read = timed(Path.read_bytes, files)
    _, unpack = timed(read_npz, files)
    _, load = timed(dataset.__getitem__, order)
    print(
        f"a sample takes {disk:.3f} ms to read from the disk (a file that the system holds: "
        f"{read:.3f}), {unpack - read:.3f} ms of CPU to decompress, {load - unpack:.3f} ms of CPU "
        "for the rest"
    )


class Memory:
    """A transform that gives this process's memory in place of every 64th sample."""

    def __call__(self, results: dict[str, Any]) -> dict[str, int]:
        """Resident and private bytes."""
        if results["sample_idx"] % BATCH:
            return {}
        lines = Path("/proc/self/smaps_rollup").read_text(encoding="ascii").splitlines()[1:]
        sizes = {line.split()[0]: int(line.split()[1]) << 10 for line in lines}
        private = sizes["Private_Clean:"] + sizes["Private_Dirty:"]
        return {"resident": sizes["Rss:"], "private": private}


def memory_of_a_worker(root: Path) -> None:
    """Print how one worker's memory changes over an epoch."""
    dataset = PoseSequenceDataset(str(root), cache=False, pipeline=[Memory()])
    loader: DataLoader = DataLoader(
        dataset, batch_size=BATCH, num_workers=1, collate_fn=lambda batch: batch[0]
    )
    sizes = list(track(loader, "one worker", console=Console(stderr=True)))
    # The first batches load what every worker loads once.
    sizes = sizes[min(10, len(sizes) // 2) :]
    for kind in ("resident", "private"):
        values = np.array([size[kind] for size in sizes]) / 2**20
        print(
            f"a worker's {kind} memory over an epoch: {values[0]:.1f} MiB at the start, "
            f"{values[-1]:.1f} at the end, {values.max():.1f} at most"
        )


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--root", type=Path, required=True, help="folder of the generated data")
    parser.add_argument("--sequences", type=int, default=20_000)
    args = parser.parse_args()
    if not (args.root / INDEX_NAME).is_file():
        generate(args.root, args.sequences)

    wall, cpu = time.perf_counter(), time.process_time()
    dataset = PoseSequenceDataset(str(args.root))
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(f"{len(dataset):,} sequences open in {wall:.2f} s, {cpu:.2f} s of them CPU")

    what_an_epoch_waits_for(dataset, args.root)
    memory_of_a_worker(args.root)


if __name__ == "__main__":
    main()
