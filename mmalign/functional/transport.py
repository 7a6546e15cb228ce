"""Optimal transport between the frames of two clips: Sinkhorn, and fused Gromov-Wasserstein.

Everything is batched and masked: costs ``(P, N, M)`` of P pairs, with ``pairs (P, N, M)`` true on
real entries, the others hold nothing that enters. :func:`with_virtual_frame` puts a frame before
both clips that takes what has no counterpart.
"""

from __future__ import annotations

import torch
from torch import Tensor

_NOTHING = -1e30
"""Logarithm of 0; a true one gives gradients that are no numbers."""


def uniform_share(mask: Tensor) -> Tensor:
    """``(P, N)``, 1 / n on the n real frames of ``mask (P, N)``, 0 elsewhere."""
    return mask / mask.sum(1, keepdim=True)


def sinkhorn(log_kernel: Tensor, rows: Tensor, columns: Tensor, rounds: int) -> Tensor:
    """Scale a kernel's rows, then its columns, to sums that are given.

    Args:
        log_kernel: ``(P, N, M)``.
        rows: what rows are to sum to, ``(P, N)``; 0 leaves a row out.
        columns: what columns are to sum to, ``(P, M)``.
        rounds: at least 1; columns come last, and are exact.

    Returns:
        Logarithms of the plans ``(P, N, M)``, very negative where a row or a column is left out.
    """
    log_kernel = log_kernel.masked_fill(
        (rows == 0).unsqueeze(2) | (columns == 0).unsqueeze(1), _NOTHING
    )
    log_rows, log_columns = _log(rows).unsqueeze(2), _log(columns).unsqueeze(1)
    right = torch.zeros_like(log_columns)
    left = right
    for _ in range(rounds):
        left = log_rows - (log_kernel + right).logsumexp(2, keepdim=True)
        right = log_columns - (log_kernel + left).logsumexp(1, keepdim=True)
    return log_kernel + left + right


def _log(share: Tensor) -> Tensor:
    return torch.where(share > 0, share, 1.0).log().masked_fill(share == 0, _NOTHING)


def with_virtual_frame(cost: Tensor, zeta: float) -> Tensor:
    """Costs ``(P, N + 1, M + 1)``: ``cost`` behind a row and a column of ``zeta``."""
    return torch.nn.functional.pad(cost, (1, 0, 1, 0), value=zeta)


def with_virtual_mask(mask: Tensor) -> Tensor:
    """Mask ``(P, N + 1)``: ``mask`` behind the virtual frame, which is real everywhere."""
    return torch.nn.functional.pad(mask, (1, 0), value=True)


def structure_costs(
    masks: tuple[Tensor, ...], radius: float, dtype: torch.dtype
) -> tuple[Tensor, ...]:
    """Costs of the Gromov-Wasserstein term of ASOT: neighbours are to be mapped to neighbours.

    Frames are neighbours if they are at most ``int(radius n)`` apart in a clip of n real frames.
    With fewer than ``1 / radius`` frames none are, the first costs are 0, and the term is void.

    Args:
        masks: ``(P, N)`` and ``(P, M)``.
        radius: share of a clip.
        dtype: of the costs.

    Returns:
        ``(P, N, N)``, 1 / radius for neighbours and 0 for others, and ``(P, M, M)``, 0 for
        neighbours and 1 for others, a frame and itself too.
    """
    near = []
    for mask in masks:
        index = torch.arange(mask.shape[1], device=mask.device)
        apart = (index.unsqueeze(1) - index).abs()
        # A product in double precision, as it decides by an integer.
        reach = (mask.sum(1).double() * radius).long()[:, None, None]
        near.append((apart >= 1) & (apart <= reach))
    return near[0].to(dtype) / radius, (~near[1]).to(dtype)


@torch.no_grad()
def fused_gromov_wasserstein(
    cost: Tensor,
    masks: tuple[Tensor, ...],
    radius: float = 0.1,
    alpha: float = 0.3,
    epsilon: float = 0.07,
    iterations: int = 25,
    rounds: int = 1,
    balance: float | None = None,
) -> Tensor:
    """Plan of the fused Gromov-Wasserstein problem of ASOT (Xu and Gould, CVPR 2024), and VAOT.

    Args:
        cost: ``(P, N, M)``.
        masks: true on real frames, ``(P, N)`` and ``(P, M)``.
        radius: see :func:`structure_costs`.
        alpha: weight of the structure, in [0, 1]; that of ``cost`` is 1 - alpha.
        epsilon: weight of the entropy.
        iterations: projected mirror steps.
        rounds: of Sinkhorn in each of them.
        balance: if given, columns need not have their share: weight of how much they miss it.

    Returns:
        ``(P, N, M)``, 0 where a frame is not real; its columns (its rows, if columns are free) sum
        to the same share each.
    """
    rows, columns = (uniform_share(mask).to(cost.dtype) for mask in masks)
    structure_a, structure_b = structure_costs(masks, radius, cost.dtype)
    real_columns = masks[1].unsqueeze(1)
    real = masks[0].unsqueeze(2) & real_columns
    plan, step = rows.unsqueeze(2) * columns.unsqueeze(1), None
    for _ in range(iterations):
        gradient = alpha * (structure_a @ plan @ structure_b) + (1 - alpha) * cost
        if balance is None:
            plan = sinkhorn(-gradient / epsilon, rows, columns, rounds).exp()
            continue
        share = plan.sum(1, keepdim=True) / torch.where(columns > 0, columns, 1.0).unsqueeze(1)
        gradient = gradient + epsilon * (plan + 1e-12).log()
        gradient = gradient + balance * ((share + 1e-12).log() + 1)
        if step is None:
            step = 4 / gradient.masked_fill(~real, 0.0).amax((1, 2), keepdim=True).clamp_min(1e-6)
        logits = ((plan + 1e-30).log() - step * gradient).masked_fill(~real_columns, -torch.inf)
        plan = logits.softmax(2) * rows.unsqueeze(2)
    return plan * real
