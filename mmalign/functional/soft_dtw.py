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
from torch.nn.functional import pad

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
    table: Tensor = _Table.apply(costs.double() / gamma, relaxation) * gamma
    return table.to(costs.dtype)


def _to_diagonals(cells: Tensor, fill: float) -> Tensor:
    """``(P, N, M)`` to ``(N + M - 1, N, P)``: by anti-diagonal and row; ``fill`` off the table."""
    pairs, rows, columns = cells.shape
    wide = pad(cells.permute(1, 2, 0), (0, 0, 0, rows), value=fill).flatten(0, 1)
    return wide[:-rows].view(rows, rows + columns - 1, pairs).transpose(0, 1).contiguous()


def _from_diagonals(diagonals: Tensor) -> Tensor:
    """The inverse of :func:`_to_diagonals`."""
    count, rows, pairs = diagonals.shape
    long = pad(diagonals.transpose(0, 1).flatten(0, 1), (0, 0, 0, rows))
    return long.view(rows, count + 1, pairs)[:, : count + 1 - rows].permute(2, 0, 1)


def _neighbours(cells: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Of ``(K + 2, N + 1, P)``: the cells before each one, both, above and left, and itself."""
    return cells[:-2, :-1], cells[1:-1, :-1], cells[1:-1, 1:], cells[2:, 1:]


class _Table(torch.autograd.Function):
    """The table for gamma = 1; inside, everything is its negative, a score."""

    @staticmethod
    def forward(ctx: Any, costs: Tensor, relaxation: str) -> Tensor:
        """Costs ``(P, N, M)`` to the table."""
        costs = _to_diagonals(costs, _BORDER)
        count, rows, pairs = costs.shape
        # Two diagonals and one row before the first; only the corner among them is on a path.
        scores = costs.new_full((count + 2, rows + 1, pairs), -_BORDER)
        scores[0, 0] = 0.0
        ctx.prob = relaxation == "prob"
        of_cells = zip(costs, *(part.unbind() for part in _neighbours(scores)), strict=True)
        for cost, corner, above, left, out in of_cells:
            torch.logaddexp(above, left, out=out)
            torch.logaddexp(out, corner, out=out)
            if ctx.prob:
                before = torch.stack([corner, above, left])
                torch.sum((before - out).exp_().mul_(before), 0, out=out)
            out.sub_(cost)
        ctx.save_for_backward(scores)
        return -_from_diagonals(scores[2:, 1:])

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        """The gradient of a cell is its own and what its three successors pass back to it."""
        (scores,) = ctx.saved_tensors
        before = torch.stack(_neighbours(scores)[:3])
        shares = before.softmax(0)
        if ctx.prob:
            shares *= 1 + before - (shares * before).sum(0)
        total = pad(_to_diagonals(gradient, 0.0), (0, 0, 1, 0, 2, 0))
        of_cells = zip(*(share.unbind() for share in (*shares, *_neighbours(total))), strict=True)
        for *share, corner, above, left, own in reversed(list(of_cells)):
            for part, before in zip(share, (corner, above, left), strict=True):
                before.addcmul_(part, own)
        return _from_diagonals(total[2:, 1:]), None
