"""Time a training step, split into waiting for data, rendering, forward, backward and update.

"data" is what the training loop waits for the loader's workers: hidden as long as they keep up.

Example: python tools/benchmark/train_step.py configs/la2ds_toy.py --steps 20
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from collections.abc import Sequence

import torch
from mmengine.registry import init_default_scope
from mmengine.runner import Runner

from mmalign.cli.config import add_config_arguments, config_from
from mmalign.cli.guard import guarded
from mmalign.compat import keep_freed_memory
from mmalign.registry import MODELS


@guarded
def main(argv: Sequence[str] | None = None) -> int:
    """Print seconds per step and the share of each part."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_config_arguments(parser)
    parser.add_argument("--steps", type=int, default=20, help="measured steps, after 3 to warm up")
    args = parser.parse_args(argv)
    cfg = config_from(args)
    init_default_scope("mmalign")
    keep_freed_memory()  # As training does.
    torch.manual_seed(0)
    loader = Runner.build_dataloader(cfg.train_dataloader, seed=0)
    model = MODELS.build(cfg.model).train()
    wrapper = Runner.build_optim_wrapper(_OptimBuilder(model), cfg.optim_wrapper)
    parts: dict[str, float] = defaultdict(float)
    frames = 0
    batches = _endless(loader)
    for step in range(args.steps + 3):
        if step == 3:
            parts.clear()
            frames = 0
        clock = _Clock(parts)
        data = next(batches)
        clock.lap("data (waiting for the workers)")
        with wrapper.optim_context(model):
            data = model.data_preprocessor(data, True)
            clock.lap("rendering")
            loss = sum(model(**data, mode="loss").values())
        clock.lap("forward")
        wrapper.backward(loss)
        clock.lap("backward")
        wrapper.step()
        wrapper.zero_grad()
        clock.lap("update")
        frames += sum(int(view.mask.sum()) for view in data["inputs"])
    total = sum(parts.values())
    for name, seconds in parts.items():
        share = 100 * seconds / total
        print(f"{name:32s} {1e3 * seconds / args.steps:9.1f} ms/step {share:6.1f} %")
    print(
        f"{'step':32s} {1e3 * total / args.steps:9.1f} ms, {frames / args.steps:.0f} frames, "
        f"{cfg.train_dataloader.num_workers} workers, {torch.get_num_threads()} threads"
    )
    return 0


class _Clock:
    def __init__(self, parts: dict[str, float]) -> None:
        self.parts, self.start = parts, time.perf_counter()

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.parts[name] += now - self.start
        self.start = now


class _OptimBuilder:
    """What `Runner.build_optim_wrapper` reads of a runner."""

    def __init__(self, model: torch.nn.Module) -> None:
        self.model = model


def _endless(loader):
    while True:
        yield from loader


if __name__ == "__main__":
    raise SystemExit(main())
