"""Soft dynamic time warping: the smooth cost of the best monotone paths between sequences.

Every cell of the table is its cost and the relaxed minimum of its three predecessors
(Cuturi & Blondel, ICML 2017; the relaxation ``prob`` is that of smooth DTW, Hadji et al., CVPR
2021). Cells of an anti-diagonal do not depend on each other: all of them, in all pairs, are one
step.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

RELAXATIONS = ("soft_min", "prob")

# Cost of what lies outside the table. An infinite one would give inf - inf in the gradient.
_BORDER = 1e10


def soft_dtw(
    costs: Tensor, rows: Tensor, columns: Tensor, gamma: float = 0.1, relaxation: str = "soft_min"
) -> Tensor:
    """Smooth cost of aligning pairs of sequences from end to end.

    Args:
        costs: of matching each frame of the first with each of the second, ``(P, N, M)``.
        rows: frames of the firsts ``(P,)``, in 1 ... N; what lies beyond does not enter.
        columns: frames of the seconds ``(P,)``, in 1 ... M.
        gamma: see :func:`soft_dtw_table`.
        relaxation: see there.

    Returns:
        ``(P,)``, the last real cells of the tables.
    """
    table = soft_dtw_table(costs, gamma, relaxation)
    return table[torch.arange(len(table), device=table.device), rows - 1, columns - 1]


def soft_dtw_table(costs: Tensor, gamma: float = 0.1, relaxation: str = "soft_min") -> Tensor:
    """Smooth costs of the paths from the first cell to every cell.

    Args:
        costs: ``(P, N, M)``.
        gamma: softness, in the unit of the costs; towards 0 the result is that of hard DTW.
        relaxation: of the minimum of a, ``'soft_min'`` = ``-gamma log sum exp(-a / gamma)`` or
            ``'prob'`` = ``sum softmax(-a / gamma) a``.

    Returns:
        ``(P, N, M)``, differentiable once. The recursion runs in float64: its numbers are sums over
        whole paths, of which the gradient needs differences.

    Raises:
        ValueError: gamma is not positive, or there is no such relaxation.
    """
    if not gamma > 0:
        raise ValueError(f"gamma must be positive, found {gamma}")
    if relaxation not in RELAXATIONS:
        raise ValueError(f"relaxation must be one of {RELAXATIONS}, found {relaxation!r}")
    table: Tensor = _Table.apply(costs, gamma, relaxation)
    return table


def _cells(diagonals: Tensor, columns: int) -> Tensor:
    """View ``(P, N, M)`` of the cells that ``(N + M - 1, N, P)`` holds by anti-diagonal and row."""
    diagonal, row, pair = diagonals.stride()
    size = (diagonals.shape[2], diagonals.shape[1], columns)
    return diagonals.as_strided(size, (pair, diagonal + row, diagonal), diagonals.storage_offset())


def _neighbours(cells: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Of ``(K + 2, N + 1, P)``: the cells before each one, both, above and left, and itself."""
    return cells[:-2, :-1], cells[1:-1, :-1], cells[1:-1, 1:], cells[2:, 1:]


class _Table(torch.autograd.Function):
    """The table; inside, costs are in units of gamma, and their sums negative: scores."""

    @staticmethod
    def forward(ctx: Any, costs: Tensor, gamma: float, relaxation: str) -> Tensor:
        """Costs ``(P, N, M)`` to the table."""
        pairs, rows, columns = costs.shape
        # Two diagonals and one row before the first; only the corner among them is on a path.
        size = (rows + columns + 1, rows + 1, pairs)
        scores = torch.full(size, -_BORDER, dtype=torch.float64, device=costs.device)
        scores[0, 0] = 0.0
        parts = _neighbours(scores)
        relaxed, scaled = torch.empty_like(parts[3]), torch.full_like(parts[3], _BORDER)
        _cells(scaled, columns).copy_(costs).div_(gamma)
        of_cells = zip(*(part.unbind() for part in (scaled, relaxed, *parts)), strict=True)
        for cost, best, corner, above, left, own in of_cells:
            torch.logaddexp(above, left, out=best)
            torch.logaddexp(best, corner, out=best)
            if relaxation == "prob":
                before = torch.stack([corner, above, left])
                best = before.sub(best).exp_().mul_(before).sum(0)
            torch.sub(best, cost, out=own)
        ctx.save_for_backward(scores, relaxed)
        ctx.prob, ctx.columns = relaxation == "prob", columns
        return (_cells(parts[3], columns) * -gamma).to(costs.dtype)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None]:
        """The gradient of a cell is its own and what its three successors pass back to it."""
        scores, relaxed = ctx.saved_tensors
        before = _neighbours(scores)[:3]
        shares = torch.stack([part - relaxed for part in before]).exp_()
        if ctx.prob:
            best = sum(share * part for share, part in zip(shares, before, strict=True))
            shares *= torch.stack([1 + part - best for part in before])
        shares = shares.to(gradient.dtype)
        total = gradient.new_zeros(scores.shape)
        parts = _neighbours(total)
        of_cells = _cells(parts[3], ctx.columns)
        of_cells.copy_(gradient)
        for *share, corner, above, left, own in reversed(
            list(zip(*(part.unbind() for part in (*shares, *parts)), strict=True))
        ):
            for part, passed in zip(share, (corner, above, left), strict=True):
                passed.addcmul_(part, own)
        return of_cells, None, None
