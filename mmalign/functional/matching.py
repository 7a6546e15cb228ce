"""Matching of two embedded sequences and the contrastive regression loss (LA2DS, Eq. 3 and 4).

Everything is batched and masked: ``z_a (B, M, D)`` with ``mask_a (B, M)`` true on real frames,
and likewise ``b`` with ``N`` frames.
"""

from __future__ import annotations

import torch
from torch import Tensor

DISTANCES = ("euclidean", "sqeuclidean", "cosine")
SCALES = ("none", "sqrt_dim", "casa")


def pairwise_distance(
    z_a: Tensor, z_b: Tensor, distance: str = "euclidean", scale: str = "sqrt_dim"
) -> Tensor:
    """Distances between all frames of two sequences.

    Args:
        z_a: ``(B, M, D)``.
        z_b: ``(B, N, D)``.
        distance: ``'euclidean'`` (Eq. 3 as CASA's code has it), ``'sqeuclidean'`` or
            ``'cosine'`` (1 - cosine similarity; ``scale`` is not applied).
        scale: what the distance is divided by: ``'none'``; ``'sqrt_dim'``, by sqrt(D) (D when
            squared), so that unit-variance features are about sqrt(2) apart whatever D is; or
            ``'casa'``, by D^1.5 as CASA's features / sqrt(D) and distances / D amount to.

    Returns:
        ``(B, M, N)``, non-negative.
    """
    if distance not in DISTANCES or scale not in SCALES:
        raise ValueError(
            f"distance must be one of {DISTANCES} and scale one of {SCALES}, found "
            f"{distance!r} and {scale!r}"
        )
    if distance == "cosine":
        unit_a, unit_b = (torch.nn.functional.normalize(z, dim=-1) for z in (z_a, z_b))
        return 1 - unit_a @ unit_b.transpose(1, 2)
    square_a, square_b = z_a.square().sum(-1), z_b.square().sum(-1)
    squared = square_a.unsqueeze(2) + square_b.unsqueeze(1) - 2 * z_a @ z_b.transpose(1, 2)
    squared = squared.clamp_min(0)
    dim = z_a.shape[-1]
    if distance == "sqeuclidean":
        return squared / {"none": 1.0, "sqrt_dim": dim, "casa": dim**2}[scale]
    # The gradient of a square root is infinite at 0.
    return (squared + 1e-8).sqrt() / {"none": 1.0, "sqrt_dim": dim**0.5, "casa": dim**1.5}[scale]


def match_probabilities(
    distances: Tensor, mask_a: Tensor, temperature: float | Tensor = 0.1
) -> Tensor:
    """Eq. 3: the probability that frame i of ``a`` matches frame j of ``b``.

    Args:
        distances: ``(B, M, N)``.
        mask_a: ``(B, M)``.
        temperature: lambda.

    Returns:
        ``(B, M, N)``; sums to 1 over M (the real frames of ``a``) for every j.
    """
    logits = (-distances / temperature).masked_fill(~mask_a.unsqueeze(2), -torch.inf)
    return logits.softmax(dim=1)


def correspondence(inds_a: Tensor, inds_b: Tensor, mask_a: Tensor) -> tuple[Tensor, Tensor]:
    """Where each frame of ``b`` stands in ``a``, from ``frame_inds`` alone.

    Args:
        inds_a: ``(B, M)``, strictly increasing over the real frames.
        inds_b: ``(B, N)``.
        mask_a: ``(B, M)``.

    Returns:
        Positions ``(B, N)`` in ``[0, M - 1]``, interpolated between neighbours, and a mask
        ``(B, N)`` that is false where a frame of ``b`` lies outside the range of ``a``.
    """
    last = mask_a.sum(1, keepdim=True) - 1
    padded = inds_a.masked_fill(~mask_a, torch.inf).contiguous()
    high = torch.searchsorted(padded, inds_b.contiguous()).minimum(last)
    low = (high - 1).clamp_min(0)
    at_low, at_high = inds_a.gather(1, low), inds_a.gather(1, high)
    gap = (at_high - at_low).clamp_min(1e-9)
    fraction = ((inds_b - at_low) / gap).clamp(0, 1)
    inside = (inds_b >= inds_a[:, :1]) & (inds_b <= inds_a.gather(1, last))
    return torch.where(high > low, low + fraction, 0.0), inside


def contrastive_regression(
    distances: Tensor,
    inds_a: Tensor,
    inds_b: Tensor,
    mask_a: Tensor,
    mask_b: Tensor,
    temperature: float | Tensor = 0.1,
    normalize: bool = True,
) -> Tensor:
    """Eq. 4: squared error of the expected match of every frame of ``b`` in ``a``.

    Args:
        distances: ``(B, M, N)``.
        inds_a: ``(B, M)`` frame indices in the original sequence.
        inds_b: ``(B, N)``.
        mask_a: ``(B, M)``.
        mask_b: ``(B, N)``.
        temperature: lambda of Eq. 3.
        normalize: measure positions in lengths of ``a``, so that long clips do not dominate;
            raw frame indices, as printed, otherwise.

    Returns:
        ``(B,)``: mean over the frames of ``b`` that have a counterpart (0 if none has).
    """
    target, inside = correspondence(inds_a, inds_b, mask_a)
    weights = match_probabilities(distances, mask_a, temperature)
    index = torch.arange(distances.shape[1], device=distances.device, dtype=weights.dtype)
    error = torch.einsum("m,bmn->bn", index, weights) - target.to(weights.dtype)
    if normalize:
        error = error / mask_a.sum(1, keepdim=True)
    return _masked_mean(error.square(), inside & mask_b)


def expected_squared_error(
    distances: Tensor,
    inds_a: Tensor,
    inds_b: Tensor,
    mask_a: Tensor,
    mask_b: Tensor,
    temperature: float | Tensor = 0.1,
    normalize: bool = True,
) -> Tensor:
    """Expectation over Eq. 3 of the squared error: Eq. 4 plus the variance of the match.

    Eq. 4 asks that the mean of the match be right, which a match spread over both ends of the clip
    can satisfy; the variance term asks that it be concentrated too.

    Args:
        distances: ``(B, M, N)``.
        inds_a: ``(B, M)``.
        inds_b: ``(B, N)``.
        mask_a: ``(B, M)``.
        mask_b: ``(B, N)``.
        temperature: lambda of Eq. 3.
        normalize: as in :func:`contrastive_regression`.

    Returns:
        ``(B,)``.
    """
    target, inside = correspondence(inds_a, inds_b, mask_a)
    weights = match_probabilities(distances, mask_a, temperature)
    index = torch.arange(distances.shape[1], device=distances.device, dtype=weights.dtype)
    error = index[None, :, None] - target.to(weights.dtype).unsqueeze(1)
    if normalize:
        error = error / mask_a.sum(1)[:, None, None]
    return _masked_mean((weights * error.square()).sum(1), inside & mask_b)


def soft_label_cross_entropy(
    distances: Tensor,
    inds_a: Tensor,
    inds_b: Tensor,
    mask_a: Tensor,
    mask_b: Tensor,
    temperature: float | Tensor = 0.1,
    label_std: float = 1.0,
) -> Tensor:
    """Cross-entropy of Eq. 3 against a Gaussian about the true match (CARL's sequence contrast).

    A regression of the mean is satisfied by wrong modes that balance each other; this is not.

    Args:
        distances: ``(B, M, N)``.
        inds_a: ``(B, M)``.
        inds_b: ``(B, N)``.
        mask_a: ``(B, M)``.
        mask_b: ``(B, N)``.
        temperature: lambda of Eq. 3.
        label_std: width of the Gaussian in original frames.

    Returns:
        ``(B,)`` in nats.
    """
    _, inside = correspondence(inds_a, inds_b, mask_a)
    gap = (inds_a.unsqueeze(2) - inds_b.unsqueeze(1)) / label_std
    hidden = ~mask_a.unsqueeze(2)
    labels = (-0.5 * gap.square()).to(distances.dtype).masked_fill(hidden, -torch.inf).softmax(1)
    log_match = (-distances / temperature).masked_fill(hidden, -torch.inf).log_softmax(1)
    entropy = -(labels * log_match.masked_fill(hidden, 0.0)).sum(1)
    return _masked_mean(entropy, inside & mask_b)


def _masked_mean(values: Tensor, mask: Tensor) -> Tensor:
    return (values * mask).sum(1) / mask.sum(1).clamp_min(1)
