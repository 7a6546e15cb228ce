"""The sequence contrastive loss of CARL (Chen et al., CVPR 2022)."""

from __future__ import annotations

import math

import torch
from torch import Tensor

NEGATIVES = ("single_noself", "single", "batch")


def sequence_contrast(
    z: tuple[Tensor, Tensor],
    t: tuple[Tensor, Tensor],
    masks: tuple[Tensor, Tensor],
    lengths: tuple[Tensor, Tensor],
    temperature: float = 0.1,
    variance: float = 10.0,
    negatives: str = "single_noself",
    padding_weight: float = 0.0,
) -> Tensor:
    """Divergence of the match of a frame in the other view from a Gaussian about its own time.

    Args:
        z: latents of both views, ``(B, M, D)`` and ``(B, N, D)``; their scalar products are the
            similarities.
        t: times of their frames, ``(B, M)`` and ``(B, N)``.
        masks: true on real frames, likewise.
        lengths: of the clips that the times are of, ``(B,)`` each.
        temperature: what the similarities are divided by.
        variance: of the Gaussian, in squared units of time.
        negatives: what a frame's match is normalised over: frames of the other view of its clip
            (``'single_noself'``), of both views of its clip with itself (``'single'``), or of the
            whole batch (``'batch'``).
        padding_weight: weight of all padded frames of the batch among the negatives; it is 1e-6 in
            the authors' code, which makes a loss depend on padding.

    Returns:
        A scalar in nats: the mean over the real frames of both views.
    """
    loss = z[0].new_zeros(())
    for one, other in ((0, 1), (1, 0)):
        pairs = masks[one].unsqueeze(2) & masks[other].unsqueeze(1)
        scale = (lengths[other] / lengths[one])[:, None, None]
        gap = t[one].unsqueeze(2) * scale - t[other].unsqueeze(1)
        labels = torch.exp(-gap.square() / (2 * variance)).to(z[0].dtype) * pairs
        total = labels.sum(2, keepdim=True)
        labels = labels / torch.where(total > 0, total, 1.0)
        normaliser = _log_normaliser(z, masks, one, temperature, negatives, padding_weight)
        logits = z[one] @ z[other].transpose(1, 2) / temperature
        # Else what is hidden can overflow, and 0 times infinity is no number.
        match = torch.exp((logits - normaliser).masked_fill(~pairs, 0.0))
        loss = loss + (torch.xlogy(labels, labels) - labels * torch.log(match + 1e-6)).sum()
    return loss / (masks[0].sum() + masks[1].sum())


def _log_normaliser(
    z: tuple[Tensor, Tensor],
    masks: tuple[Tensor, Tensor],
    one: int,
    temperature: float,
    negatives: str,
    padding_weight: float,
) -> Tensor:
    """``(B, M, 1)``, the logarithm of what the exponentials of a row are divided by."""
    candidates, mask = z[1 - one], masks[1 - one]
    if negatives != "single_noself":
        candidates, mask = torch.cat(z, dim=1), torch.cat(masks, dim=1)
    if negatives == "batch":
        candidates, mask = candidates[mask].unsqueeze(0), mask[mask].unsqueeze(0)
    logits = z[one] @ candidates.transpose(1, 2) / temperature
    logits = logits.masked_fill(~mask.unsqueeze(1), -torch.inf)
    if padding_weight:
        padded = torch.cat([part[~real] for part, real in zip(z, masks, strict=True)])
        small = z[one] @ padded.T / temperature + math.log(padding_weight)
        logits = torch.cat([logits, small], dim=2)
    return logits.logsumexp(2, keepdim=True)
