"""Transport with temporal priors: VAVA (Liu et al., CVPR 2022).

Two forms: ``'paper'``, and ``'ae2'``, what the code of AE2 (Xue and Grauman, NeurIPS 2023) makes of
it: an optimum per frame of the first clip alone, that of its nearest frame, and a contrast of the
clips without gradient. What the paper leaves open is as in that code.

Clips are batched and masked, latents ``(P, N, D)`` and ``(P, M, D)``. Before the frames of both
stands a virtual one, which takes what has no counterpart. Places count from it: its own is
``1 / N'``, that of the first real frame ``2 / N'``, with ``N' = N + 1``.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import pad

from mmalign.functional.matching import pairwise_distance
from mmalign.functional.transport import (
    sinkhorn,
    uniform_share,
    with_virtual_frame,
    with_virtual_mask,
)

FORMS = ("paper", "ae2")

# How far the priors place the virtual frame from others, in mean lengths of the clips.
_VIRTUAL = 1.5 * 5.0
# Bounds of the logarithm of the kernel.
_BOUNDS = math.log(1e-15), math.log(1e20)


def weight_of_consistency(step: Tensor) -> Tensor:
    """What equal places count in the priors after ``step`` steps: phi; the optimum, 1 - phi."""
    return (0.999 ** (step + 1.0).sqrt().floor()).clamp(0.001, 0.999)


def transport_loss(
    squared: Tensor,
    masks: tuple[Tensor, ...],
    phi: Tensor | float,
    form: str = "paper",
    zeta: float = 0.5,
    **priors: Any,
) -> tuple[Tensor, ...]:
    """Cost of the transport under its priors.

    Args:
        squared: distances ``(P, N, M)``.
        masks: true on real frames, ``(P, N)`` and ``(P, M)``.
        phi: see :func:`weight_of_consistency`.
        form: ``'paper'``: the optimum is where a plan by equal places alone is best, in rows and
            columns; ``'ae2'``: it is the nearest frame in a row.
        zeta: cost of the virtual frame.
        **priors: arguments of :func:`transport_plan`.

    Returns:
        ``(P,)``, in AE2's form by N' M', and how well real frames match ``(P, N, M)``: the plan, or
        in AE2's form its kernel times the costs.
    """
    cost = with_virtual_frame(squared, zeta)
    real = masks[0].unsqueeze(2) & masks[1].unsqueeze(1)
    both = with_virtual_mask(masks[0]), with_virtual_mask(masks[1])
    lengths = tuple(mask.sum(1).to(cost.dtype)[:, None, None] for mask in both)
    row, column = (
        torch.arange(1.0, size + 1, device=cost.device, dtype=cost.dtype) for size in cost.shape[1:]
    )
    places = row[:, None] / lengths[0], column / lengths[1]
    with torch.no_grad():
        if form == "ae2":
            nearest = squared.masked_fill(~real, torch.inf).argmin(2) + 1
            off = (places[1] - _from_virtual(nearest).unsqueeze(2) / lengths[1]).abs()
            off_squared = off**2
        else:
            nothing = torch.zeros_like(cost)
            plan = transport_plan(cost, both, places, nothing, nothing, 1.0, **priors)[0]
            plan = plan[:, 1:, 1:].masked_fill(~real, -1.0)
            best = (
                _from_virtual(plan.argmax(1) + 2).unsqueeze(1) / lengths[0],
                _from_virtual(plan.argmax(2) + 2).unsqueeze(2) / lengths[1],
            )
            off_row, off_column = (places[0] - best[0]).abs(), (places[1] - best[1]).abs()
            off, off_squared = (off_row + off_column) / 2, (off_row**2 + off_column**2) / 2
    plan, kernel = transport_plan(cost, both, places, off, off_squared, phi, **priors)
    total = (plan * cost).sum((1, 2))
    if form == "ae2":
        return total / (lengths[0] * lengths[1]).flatten(), (kernel * cost)[:, 1:, 1:]
    return total, plan[:, 1:, 1:]


def _from_virtual(numbers: Tensor) -> Tensor:
    """Numbers ``(P, N + 1)`` of frames: that of the virtual one before those of the others."""
    return pad(numbers, (1, 0), value=1)


def transport_plan(
    cost: Tensor,
    masks: tuple[Tensor, ...],
    places: tuple[Tensor, ...],
    off: Tensor,
    off_squared: Tensor,
    phi: Tensor | float,
    width: float = 2.0,
    smoothness: float = 1.0,
    entropy: float = 0.1,
    iterations: int = 20,
) -> tuple[Tensor, ...]:
    """Plan of the transport, whose priors are Gaussian, and of clips' structure.

    Args:
        cost: ``(P, N', M')``.
        masks: ``(P, N')`` and ``(P, M')``.
        places: ``(P, N', 1)`` and ``(P, 1, M')``.
        off: distances of pairs of frames to the optimum, in lengths of the clips, ``(P, N', M')``.
        off_squared: the squares of these distances.
        phi: see :func:`weight_of_consistency`.
        width: standard deviation of the Gaussian, in distances of frames.
        smoothness: weight of the structure over N + M (lambda_1).
        entropy: weight of the entropy over N M / 4 (lambda_2).
        iterations: of Sinkhorn.

    Returns:
        The plan and its kernel, ``(P, N', M')``; frames have equal shares.
    """
    n, m = (mask.sum(1).to(cost.dtype)[:, None, None] for mask in masks)
    scale = (1 / n**2 + 1 / m**2).sqrt()
    lambda_1, lambda_2 = smoothness * (n + m - 2), entropy * (n - 1) * (m - 1) / 4
    peak = 1 / (width * math.sqrt(2 * math.pi))

    def gaussian(distance: Tensor) -> Tensor:
        return peak * torch.exp(-((distance / scale) ** 2) / (2 * width**2))

    apart = (places[0] - places[1]).abs()
    prior = phi * gaussian(apart) + (1 - phi) * gaussian(off)
    structure = phi / (apart**2 + 1) + (1 - phi) / (off_squared + 1)
    # All of the first row and column but their corner.
    virtual = torch.zeros_like(cost[0], dtype=torch.bool)
    virtual[0, 1:] = virtual[1:, 0] = True
    far = 2 * _VIRTUAL / (n + m)
    prior = torch.where(virtual, gaussian(far), prior)
    structure = torch.where(virtual, 1 / (far**2 + 1), structure)
    log_kernel = (prior.log() + (lambda_1 * structure - cost) / lambda_2).clamp(*_BOUNDS)
    rows, columns = (uniform_share(mask).to(cost.dtype) for mask in masks)
    plan = sinkhorn(log_kernel.transpose(1, 2), columns, rows, iterations + 1).transpose(1, 2).exp()
    return plan, log_kernel.exp()


def contrast_within(z: Tensor, mask: Tensor, margin: float = 2.0, window: int = 15) -> Tensor:
    """Near frames of a clip are to be alike, others not: ``(P,)``, the mean over pairs of frames.

    Args:
        z: ``(P, N, D)``.
        mask: ``(P, N)``.
        margin: mean squared difference of channels from which frames are not alike.
        window: frames at most so many places apart are near.
    """
    squared = pairwise_distance(z, z, "sqeuclidean", "sqrt_dim")
    index = torch.arange(z.shape[1], device=z.device)
    apart = (index.unsqueeze(1) - index).abs()
    loss = torch.where(apart > window, (margin - squared).relu(), squared / (apart**2 + 1.0))
    pairs = mask.unsqueeze(2) & mask.unsqueeze(1)
    return torch.where(pairs, loss, 0.0).sum((1, 2)) / pairs.sum((1, 2))


def contrast_between(
    squared: Tensor, match: Tensor, masks: tuple[Tensor, ...], dim: int, form: str = "paper"
) -> Tensor:
    """Frames that match best are to be nearer than those that match worst: ``(P,)``.

    Args:
        squared: distances ``(P, N, M)`` of latents of ``dim`` channels.
        match: ``(P, N, M)``.
        masks: ``(P, N)`` and ``(P, M)``.
        dim: channels.
        form: of ``'ae2'`` are swapped arguments of the cross-entropy, and no gradient.
    """
    real = masks[0].unsqueeze(2) & masks[1].unsqueeze(1)
    best, worst = (
        _mean_distance(squared, (sign * match).masked_fill(~real, torch.inf), masks) / dim / 0.5
        for sign in (-1, 1)
    )
    if form == "ae2":
        return (math.log1p(math.e) * best + math.log1p(1 / math.e) * worst).detach()
    return torch.nn.functional.softplus(best - worst)


def _mean_distance(squared: Tensor, order: Tensor, masks: tuple[Tensor, ...]) -> Tensor:
    """Of each frame to that of the other clip which comes first in ``order``, ``(P,)``."""
    of_rows = squared.gather(2, order.argmin(2, keepdim=True)).squeeze(2)
    of_columns = squared.gather(1, order.argmin(1, keepdim=True)).squeeze(1)
    both = (of_rows, masks[0]), (of_columns, masks[1])
    means = [(one * m).sum(1) / m.sum(1) for one, m in both]
    return means[0] + means[1]
