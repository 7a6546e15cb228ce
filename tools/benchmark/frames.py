"""Time the loading of frames beside a training step, and measure the memory of an RGB encoder.

* loading: clips are generated as video files; the training loop of a config that loads frames is
  run on them for two epochs, which decode and then read the cache. Printed is how long a step waits
  for the loader's workers, and how much processor time loading a batch takes beside a step's.
* memory: what a forward and backward pass of an encoder of frames adds to the process at its
  highest, with and without chunks; freed blocks go back at once (MALLOC_MMAP_THRESHOLD_), so that
  it is what the tensors take and not what the heap keeps between them.

Examples:
  python tools/benchmark/frames.py configs/fusion/la2ds_rgb_pose_toy.py --root work_dirs/frames
  python tools/benchmark/frames.py configs/fusion/la2ds_rgb_pose_toy.py --memory
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmengine.runner import Runner

from mmalign.cli.config import add_config_arguments, config_from
from mmalign.cli.guard import guarded
from mmalign.compat import keep_freed_memory
from mmalign.errors import InputError
from mmalign.models import ViViTEncoder
from mmalign.registry import DATASETS, MODELS
from mmalign.toy import write_dataset

LENGTHS = (64, 256, 1024)


def on_files(cfg: Config, root: Path, clips: int) -> None:
    """Let the config's training loader read so many generated clips from video files."""
    if not (root / "index.json").is_file():
        write_dataset(root, ["sort"], clips, 1, frames="video")
    pipeline = cfg.train_dataloader.dataset.pipeline
    for step in _steps(pipeline):
        if step.get("type") == "LoadFrames":
            step["cache_dir"] = str(root / "cache")
    cfg.train_dataloader.dataset = dict(
        type="PoseSequenceDataset", data_root=str(root), action="sort", pipeline=pipeline
    )


def _steps(part: Any) -> list[dict[str, Any]]:
    """All transforms of a pipeline, nested ones too."""
    if isinstance(part, dict):
        return [part, *(step for value in part.values() for step in _steps(value))]
    return [step for value in part for step in _steps(value)] if isinstance(part, list) else []


def time_epochs(cfg: Config) -> None:
    """Print per epoch what a step takes and how much of it is waiting for the workers."""
    loader = Runner.build_dataloader(cfg.train_dataloader, seed=0)
    model = MODELS.build(cfg.model).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4)
    workers = cfg.train_dataloader.num_workers
    for epoch in ("first epoch, decoding", "second epoch, from the cache"):
        waited, steps, began, cpu = 0.0, 0, time.perf_counter(), time.process_time()
        batches = iter(loader)
        while True:
            asked = time.perf_counter()
            batch = next(batches, None)
            if batch is None:
                break
            waited += time.perf_counter() - asked
            loss = sum(model(**model.data_preprocessor(batch, True), mode="loss").values())
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            steps += 1
        total, cpu = time.perf_counter() - began, time.process_time() - cpu
        print(
            f"{epoch}: {1e3 * total / steps:.0f} ms a step, {waited / total:.1%} of it waiting for"
            f" {workers} workers",
            flush=True,
        )
    dataset = DATASETS.build(cfg.train_dataloader.dataset)
    start = time.process_time()
    for index in range(len(dataset)):
        dataset[index]
    loading = (time.process_time() - start) / steps
    print(
        f"processor time from the cache: loading a batch {1e3 * loading:.0f} ms, a step "
        f"{1e3 * cpu / steps:.0f} ms ({loading * steps / cpu:.1%})"
    )


def peak_of(args: dict[str, Any], frames: int) -> float:
    """MiB that one training pass over so many frames adds to a new process at its highest."""
    os.environ["MALLOC_MMAP_THRESHOLD_"] = "65536"  # read when the process starts
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_pass, (args, frames))


def _pass(args: dict[str, Any], frames: int) -> float:
    torch.manual_seed(0)
    encoder = ViViTEncoder(**args)
    side = args["image_size"]
    clip = torch.randint(256, (frames, args["in_channels"], side, side), dtype=torch.uint8)
    mask = torch.ones(1, frames, dtype=torch.bool)
    encoder(clip[:2], mask[:, :2]).sum().backward()  # What is loaded once.
    before = _memory("VmRSS")
    encoder(clip, mask).sum().backward()
    return _memory("VmHWM") - before


def _memory(name: str) -> float:
    found = re.search(rf"{name}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    if found is None:
        raise InputError("/proc/self/status: has no memory figures; run this on Linux")
    return int(found[1]) / 1024


@guarded
def main(argv: Sequence[str] | None = None) -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_config_arguments(parser)
    parser.add_argument("--root", type=Path, help="folder for the generated clips and their cache")
    parser.add_argument("--clips", type=int, default=48, help="number (default: %(default)s)")
    parser.add_argument("--memory", action="store_true", help="measure memory instead of time")
    parser.add_argument("--size", type=int, default=224, help="side (default: %(default)s)")
    parser.add_argument("--patch", type=int, default=16, help="of a patch (default: %(default)s)")
    parser.add_argument("--depth", type=int, default=1, help="blocks (default: %(default)s)")
    parser.add_argument("--chunk", type=int, default=32, help="frames (default: %(default)s)")
    args = parser.parse_args(argv)
    if args.memory:
        known = dict(in_channels=3, mean=[124.0] * 3, std=[58.0] * 3, temporal_encoding="rotary")
        shape = dict(image_size=args.size, patch_size=args.patch, spatial_depth=args.depth)
        # Without chunks the longest would need gigabytes.
        for chunk, lengths in ((None, LENGTHS[:-1]), (args.chunk, LENGTHS)):
            for frames in lengths:
                peak = peak_of({**known, **shape, "frame_chunk": chunk}, frames)
                print(f"frame_chunk={chunk}, {frames:4d} frames: {peak:7.0f} MiB", flush=True)
        return 0
    if args.root is None:
        raise InputError("--root: missing; name a folder for the generated clips")
    cfg = config_from(args)
    init_default_scope("mmalign")
    keep_freed_memory()
    on_files(cfg, args.root, args.clips)
    time_epochs(cfg)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
