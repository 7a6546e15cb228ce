"""Bootstrapped contrast of several cues of a clip: STEPs (Shah et al., ICCV 2023)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


@torch.no_grad()
def negatives_by_time(
    t: Tensor, mask: Tensor, window: Tensor | float, raw: Tensor | None = None
) -> Tensor:
    """Pairs of frames of a clip that are to be apart.

    They are further than a window from each other; and, if raw features are given, less alike than
    a frame and those within its window are in the mean.

    Args:
        t: times ``(B, N)``.
        mask: ``(B, N)``, true on real frames.
        window: in the unit of the times, one or ``(B,)``.
        raw: features ``(B, N, F)``; those of each frame are standardised.

    Returns:
        ``(B, N, N)`` bool, false where a frame is not real.
    """
    if isinstance(window, Tensor):
        window = window[:, None, None]
    pairs = mask.unsqueeze(2) & mask.unsqueeze(1)
    far = (t.unsqueeze(2) - t.unsqueeze(1)).abs() > window
    if raw is None:
        return far & pairs
    deviation = raw.std(2, keepdim=True).clamp_min(1e-8)
    raw = (raw - raw.mean(2, keepdim=True)) / deviation
    distance = distances(raw, raw)
    own = torch.eye(t.shape[1], dtype=torch.bool, device=t.device)
    near = pairs & ~far & ~own
    threshold = (distance * near).sum(2) / (near.sum(2) + 1e-8)
    return far & pairs & ~own & (distance > threshold.unsqueeze(2))


def distances(u: Tensor, v: Tensor) -> Tensor:
    """Euclidean ones ``(B, N, M)``, exact for frames that are close; 0 has the gradient 0."""
    return torch.cdist(u, v, compute_mode="donot_use_mm_for_euclid_dist")


def multi_cue_contrast(
    cues: Sequence[Tensor], places: Tensor, mask: Tensor, negatives: Tensor, margin: float = 2.0
) -> Tensor:
    """Contrast within each cue, and between the first cue and each other in both directions.

    Args:
        cues: latents ``(B, N, D)`` of each, of norm 1.
        places: times in lengths of the clips, ``(B, N)``.
        mask: ``(B, N)``, true on real frames.
        negatives: ``(B, N, N)``, of all cues.
        margin: distance that negatives are to have.

    Returns:
        ``(B,)``, sums over the cues of means over the pairs of frames.
    """
    first, others = cues[0], cues[1:]
    compared = [(first, first)]
    for other in others:
        compared += [(other, other), (first, other), (other, first)]
    weight = 1 + (places.unsqueeze(2) - places.unsqueeze(1)).square().to(first.dtype)
    pairs = mask.unsqueeze(2) & mask.unsqueeze(1)
    total = first.new_zeros(len(first))
    for u, v in compared:
        apart = distances(u, v)
        loss = torch.where(negatives, weight * (margin - apart).relu(), apart / weight)
        total = total + torch.where(pairs, loss, 0.0).sum((1, 2)) / pairs.sum((1, 2))
    return total
