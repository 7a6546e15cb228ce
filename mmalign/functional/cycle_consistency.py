"""Temporal cycle consistency (Dwibedi et al., CVPR 2019): to another clip and back.

A frame goes to its soft neighbour in another clip, and from there back: it is to arrive where it
came from. Masks are true on real frames.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import huber_loss

from mmalign.functional.matching import pairwise_distance

SIMILARITIES = ("l2", "cosine")
KINDS = ("mse_var", "mse", "huber", "classification")

# Least variance of the position of arrival, in squared units of the times.
_LEAST_VARIANCE = 1e-8


def similarity_logits(
    a: Tensor, b: Tensor, mask_b: Tensor, similarity: str = "l2", temperature: float = 0.1
) -> Tensor:
    """Logits of the match of each frame of ``a`` with those of ``b``.

    Args:
        a: ``(P, R, D)``.
        b: ``(P, M, D)``.
        mask_b: ``(P, M)``.
        similarity: ``'l2'``, the negative squared distance, or ``'cosine'``, as the inner product
            is called in the published code; both are divided by D and the temperature.
        temperature: tau.

    Returns:
        ``(P, R, M)``, -inf beyond the real frames.
    """
    if similarity == "cosine":
        logits = a @ b.transpose(1, 2) / a.shape[-1]
    else:
        logits = -pairwise_distance(a, b, "sqeuclidean", "sqrt_dim")
    return (logits / temperature).masked_fill(~mask_b.unsqueeze(1), -torch.inf)


def cycle_logits(
    start: Tensor,
    clips: list[tuple[Tensor, Tensor]],
    similarity: str = "l2",
    temperature: float = 0.1,
) -> Tensor:
    """Logits of where frames arrive that went from clip to clip by soft neighbours.

    Args:
        start: the frames ``(P, R, D)``.
        clips: in the order of the way, frames ``(P, N, D)`` and mask ``(P, N)``; the last is the
            clip of the start.
        similarity: see :func:`similarity_logits`.
        temperature: tau.

    Returns:
        ``(P, R, N)`` of the last clip, -inf beyond its real frames.
    """
    for clip, mask in clips[:-1]:
        start = similarity_logits(start, clip, mask, similarity, temperature).softmax(2) @ clip
    return similarity_logits(start, *clips[-1], similarity, temperature)


def cycle_errors(
    logits: Tensor,
    target: Tensor,
    times: Tensor,
    mask: Tensor,
    kind: str = "mse_var",
    variance_lambda: float = 0.001,
    huber_delta: float = 0.1,
    label_smoothing: float = 0.1,
) -> Tensor:
    """How far from their start frames arrive.

    Args:
        logits: ``(P, R, N)`` of :func:`cycle_logits`.
        target: index of each frame's start ``(P, R)``.
        times: of the clip's frames ``(P, N)``.
        mask: of the clip ``(P, N)``.
        kind: ``'classification'``, cross-entropy of the index; or of the error e of the expected
            time, ``'mse'``, e^2, ``'huber'``, or ``'mse_var'``, ``e^2 / v + lambda log v`` with the
            variance v of the time, at least 1e-8.
        variance_lambda: lambda.
        huber_delta: where the Huber loss turns from a square to a line.
        label_smoothing: share of the target that is spread over all real frames (classification).

    Returns:
        ``(P, R)``.
    """
    if kind == "classification":
        surprise = -logits.log_softmax(2).masked_fill(~mask.unsqueeze(1), 0)
        right = surprise.gather(2, target.unsqueeze(2)).squeeze(2)
        spread = surprise.sum(2) / mask.sum(1, keepdim=True)
        return (1 - label_smoothing) * right + label_smoothing * spread
    weights, times = logits.softmax(2), times.to(logits.dtype)
    expected = (weights @ times.unsqueeze(2)).squeeze(2)
    wanted = times.gather(1, target)
    if kind == "huber":
        return huber_loss(expected, wanted, reduction="none", delta=huber_delta)
    squared = (expected - wanted).square()
    if kind == "mse":
        return squared
    off = (times.unsqueeze(1) - expected.unsqueeze(2)).square()
    variance = (weights * off).sum(2).clamp_min(_LEAST_VARIANCE)
    return squared / variance + variance_lambda * variance.log()
