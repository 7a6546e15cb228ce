"""Time soft-DTW, forward and backward, beside a plain loop and tslearn's loss, on one thread.

Example: python tools/benchmark/soft_dtw.py --pairs 16 --frames 80

tslearn is no requirement of mmalign: `pip install tslearn` in an environment of its own.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from mmalign.compat import keep_freed_memory
from mmalign.functional.matching import pairwise_distance
from mmalign.functional.soft_dtw import soft_dtw

GAMMA = 0.1
PLAIN = "loop over cells"


def by_cells(costs: Tensor) -> Tensor:
    """Soft-DTW ``(P,)`` of costs ``(P, N, M)``: a loop over cells, all pairs at once."""
    pairs, rows, columns = costs.shape
    border = costs.new_full((pairs,), 1e10)
    table = {(-1, -1): torch.zeros_like(border)}
    for i in range(rows):
        for j in range(columns):
            before = [table.get(k, border) for k in ((i - 1, j - 1), (i - 1, j), (i, j - 1))]
            scores = torch.stack(before) / -GAMMA
            table[i, j] = costs[:, i, j] - GAMMA * scores.logsumexp(0)
    return table[rows - 1, columns - 1]


def in_one_table(costs: Tensor) -> Tensor:
    """The same by mmalign."""
    pairs, rows, columns = costs.shape
    ends = torch.tensor([rows, columns]).unsqueeze(1).expand(-1, pairs)
    return soft_dtw(costs, ends[0], ends[1], GAMMA)


def squared_distances(a: Tensor, b: Tensor) -> Tensor:
    """``(P, N, M)`` of ``(P, N, D)`` and ``(P, M, D)``."""
    return pairwise_distance(a, b, "sqeuclidean", "none")


def tslearn_losses() -> dict[str, Callable[[Tensor, Tensor], Tensor]]:
    """Loss of tslearn for PyTorch, if it is installed: with its distances, and with these."""
    try:
        from tslearn.metrics import SoftDTWLossPyTorch
    except ImportError:
        print("tslearn is not installed: left out")
        return {}
    return {
        "tslearn": SoftDTWLossPyTorch(gamma=GAMMA),
        "tslearn, mmalign's distances": SoftDTWLossPyTorch(GAMMA, dist_func=squared_distances),
    }


def main(argv: Sequence[str] | None = None) -> None:
    """Print the times and their ratios."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pairs", type=int, default=16)
    parser.add_argument("--frames", type=int, default=80)
    parser.add_argument("--channels", type=int, default=128)
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--slow-repeats", type=int, default=2, help="of the plain loop")
    args = parser.parse_args(argv)
    torch.set_num_threads(1)
    keep_freed_memory()  # As training does.

    generator = torch.Generator().manual_seed(0)
    shape = (2, args.pairs, args.frames, args.channels)
    latents = torch.nn.functional.normalize(torch.randn(shape, generator=generator), dim=-1)

    def gradient(loss: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
        a, b = (one.clone().requires_grad_() for one in latents)
        return torch.autograd.grad(loss(a, b).sum(), a)[0]

    def of_costs(table: Callable[[Tensor], Tensor]) -> Callable[[Tensor, Tensor], Tensor]:
        return lambda a, b: table(squared_distances(a, b))

    ours = of_costs(in_one_table)
    others = {PLAIN: of_costs(by_cells), **tslearn_losses()}
    expected = gradient(ours)  # All warm up; numba compiles.
    for name, loss in others.items():
        worst = (gradient(loss) - expected).abs().max() / expected.abs().max()
        print(f"{name}: largest difference of the gradients {worst:.1e} of the largest gradient")

    # They take turns, and the process's own time is taken: a busy machine hits all alike.
    seconds: dict[str, list[float]] = {name: [] for name in ("mmalign", *others)}
    for repeat in range(args.repeats):
        for name, loss in {"mmalign": ours, **others}.items():
            if name == PLAIN and repeat >= args.slow_repeats:
                continue
            start = time.process_time()
            gradient(loss)
            seconds[name].append(time.process_time() - start)
    times = {name: statistics.median(values) for name, values in seconds.items()}
    print(f"{args.pairs} pairs of {args.frames} x {args.frames}, forward and backward, CPU time")
    for name, value in times.items():
        print(f"{name:29s} {1e3 * value:9.1f} ms   {value / times['mmalign']:6.1f} x mmalign")


if __name__ == "__main__":
    main()
