"""Contrastive costs on smooth DTW tables: D2TW and GTA (Hadji et al., CVPR 2021), and AE2's turn.

Clips are batched and masked: latents ``(P, N, D)`` and ``(P, M, D)``, of norm 1, with masks that
are true on real frames, which come first.
"""

from __future__ import annotations

import torch
from torch import Tensor

from mmalign.functional.soft_dtw import soft_dtw_table


def contrastive_costs(z: tuple[Tensor, ...], mask: Tensor, temperature: float = 0.1) -> Tensor:
    """How badly each frame of the first clips tells itself from the others as a match.

    Args:
        z: latents of both.
        mask: of the firsts, ``(P, N)``.
        temperature: what scalar products are divided by.

    Returns:
        ``(P, N, M)``: minus the logarithms of the softmax over the frames of the first, for each
        frame of the second; 0 where ``mask`` is false.
    """
    logits = z[0] @ z[1].transpose(1, 2) / temperature
    hidden = ~mask.unsqueeze(2)
    return -logits.masked_fill(hidden, -torch.inf).log_softmax(1).masked_fill(hidden, 0.0)


def smooth_dtw(
    z: tuple[Tensor, ...],
    masks: tuple[Tensor, ...],
    temperature: float = 0.1,
    gamma: float = 0.1,
    relaxation: str = "prob",
) -> tuple[Tensor, ...]:
    """Cost of the smooth alignment from end to end, and its table.

    Args:
        z: latents of both.
        masks: likewise.
        temperature: see :func:`contrastive_costs`.
        gamma: see :func:`~mmalign.functional.soft_dtw.soft_dtw_table`.
        relaxation: see there.

    Returns:
        ``(P,)`` and ``(P, N, M)``; what padding has in the table means nothing.
    """
    table = soft_dtw_table(contrastive_costs(z, masks[0], temperature), gamma, relaxation)
    pair = torch.arange(len(table), device=table.device)
    return table[pair, masks[0].sum(1) - 1, masks[1].sum(1) - 1], table


def cycle_cross_entropy(
    tables: tuple[Tensor, ...], masks: tuple[Tensor, Tensor], smoothing: float = 0.1
) -> Tensor:
    """From the first clip to the second and back, frames are to come to themselves (GTA).

    Args:
        tables: of first and second ``(P, N, M)``, and of second and first ``(P, M, N)``.
        masks: of both clips.
        smoothing: share of the label that is spread over all frames.

    Returns:
        A scalar, the mean over the real frames of the firsts. As in the authors' code the
        probabilities of the way there and back are taken for logits.
    """
    there, back = (
        (-table).masked_fill(~mask.unsqueeze(2), -torch.inf).softmax(1)
        for table, mask in zip(tables, masks, strict=True)
    )
    first = masks[0]
    # Columns of the second that are padding are rows of 0 on the way back.
    logits = (there @ back).transpose(1, 2).masked_fill(~first.unsqueeze(1), -torch.inf)
    scores = logits.log_softmax(2).masked_fill(~first.unsqueeze(1), 0.0)
    own = scores.diagonal(dim1=1, dim2=2)
    loss = -(1 - smoothing) * own - smoothing * scores.sum(2) / first.sum(1, keepdim=True)
    return (loss * first).sum() / first.sum()


def reverse_in_time(z: Tensor, mask: Tensor) -> Tensor:
    """Latents ``(P, M, D)`` with the real frames of each clip in the opposite order."""
    index = mask.sum(1, keepdim=True) - 1 - torch.arange(z.shape[1], device=z.device)
    index = torch.where(mask, index, 0)
    return z.gather(1, index.unsqueeze(2).expand_as(z))


def half_of(z: Tensor, mask: Tensor, second: Tensor) -> tuple[Tensor, ...]:
    """The first or the second half of the real frames of each clip; one frame stays one.

    Args:
        z: ``(P, N, D)``.
        mask: ``(P, N)``.
        second: ``(P,)``, which half.

    Returns:
        Latents ``(P, (N + 1) // 2, D)`` and their mask.
    """
    count = mask.sum(1, keepdim=True)
    kept = (count + 1) // 2
    index = torch.arange((z.shape[1] + 1) // 2, device=z.device)
    inside = index < kept
    index = torch.where(inside, index + (count - kept) * second.unsqueeze(1), 0)
    return z.gather(1, index.unsqueeze(2).expand(-1, -1, z.shape[2])), inside
