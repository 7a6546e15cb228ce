"""Cycles through several possible matches: GTCC (Donahue and Elhamifar, CVPR 2024).

A frame's match in another clip is a mixture of Gaussians over its frames; each component goes back
by its own cycle. Clips are batched and masked, latents ``(P, N, D)`` and ``(P, M, D)``; R frames of
the first start cycles.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from mmalign.functional.matching import pairwise_distance

_LEAST_VARIANCE = 0.5


@torch.no_grad()
def fit_mixtures(
    match: Tensor, mask: Tensor, components: int, rounds: int = 8
) -> tuple[Tensor, Tensor]:
    """Fit a mixture of Gaussians on the frames of a clip to each match, by EM.

    The authors' code minimises the divergence in both directions by L-BFGS, one frame at a time; EM
    minimises that of the mixture from the match, of all frames at once.

    Args:
        match: ``(P, R, M)``, a distribution over the real frames each.
        mask: ``(P, M)``, true on real frames.
        components: K.
        rounds: of EM.

    Returns:
        Components ``(P, R, K, M)``, a distribution over the real frames each, of a variance of 0.5
        squared frames at least; and their weights ``(P, R, K)``, which sum to 1.
    """
    index = torch.arange(match.shape[2], device=match.device, dtype=match.dtype)
    counts = mask.sum(1).to(match.dtype)[:, None, None]
    start = torch.arange(components, device=match.device) / components
    shape = (*match.shape[:2], components)
    mean = (1 + start * (counts - 2)).expand(shape)
    variance, weights = counts.expand(shape), torch.full_like(mean, 1 / components)
    hidden = ~mask[:, None, None, :]

    def gaussians() -> Tensor:
        off = (index - mean.unsqueeze(3)).square()
        log = -off / (2 * variance.clamp_min(_LEAST_VARIANCE).unsqueeze(3))
        return log.masked_fill(hidden, -torch.inf).log_softmax(3)

    for _ in range(rounds):
        log_joint = gaussians() + weights.clamp_min(1e-30).log().unsqueeze(3)
        # Padded frames belong to nobody; where they are hidden all logarithms are infinite.
        shares = log_joint.masked_fill(hidden, 0.0).softmax(2) * match.unsqueeze(2)
        weights = shares.sum(3)
        total = weights.clamp_min(1e-30)
        mean = (shares * index).sum(3) / total
        variance = (shares * (index - mean.unsqueeze(3)).square()).sum(3) / total
    return gaussians().exp(), weights / weights.sum(2, keepdim=True)


def match_by_distance(
    start: Tensor, clip: Tensor, mask: Tensor, temperature: float = 0.1
) -> Tensor:
    """``(P, R, M)``, the softmax over the real frames of a clip by distance, not squared."""
    logits = -pairwise_distance(start, clip, "euclidean", "none") / temperature
    return logits.masked_fill(~mask.unsqueeze(1), -torch.inf).softmax(2)


def cycle_margin(positions: Tensor, mask: Tensor, delta: float, before: Tensor) -> Tensor:
    """Frames at which the cycle of each frame may end.

    Args:
        positions: of the frames ``(P, R)``.
        mask: of the clip ``(P, N)``.
        delta: width of the margin as a share of the clip.
        before: ``(P,)``, whether the margin is before a frame or from it on.

    Returns:
        ``(P, R, N)`` bool: all within the margin, at either end of the clip all of that end.
    """
    counts = mask.sum(1)[:, None, None]
    width = (counts * delta).round().clamp_min(1)
    index = torch.arange(mask.shape[1], device=mask.device)
    own = positions.unsqueeze(2)
    step = index - own
    inside = torch.where(
        before[:, None, None], (step < 0) & (step >= -width), (step >= 0) & (step < width)
    )
    at_start = (own < width) & (index < width)
    at_end = (own >= counts - width) & (index >= counts - width)
    return (inside | at_start | at_end) & mask.unsqueeze(1)


def mixture_cycle_errors(
    z: tuple[Tensor, Tensor],
    positions: Tensor,
    components: Tensor,
    weights: Tensor,
    margin: Tensor,
    temperature: float = 0.1,
    variance_weight: float = 0.0,
    floor: float = 0.0,
) -> Tensor:
    """Squared errors of the cycles of frames by all components, weighted.

    Args:
        z: latents of the clip where cycles begin and end, and of the other.
        positions: where they begin, ``(P, R)``.
        components: ``(P, R, K, M)`` of :func:`fit_mixtures`, without gradient.
        weights: ``(P, R, K)``.
        margin: where they may end, ``(P, R, N)``, see :func:`cycle_margin`.
        temperature: what distances are divided by.
        variance_weight: weight of the logarithm of the standard deviation of the end.
        floor: added to the sum by which the end is normalised, 1e-6 in the authors' code: what is
            further from everything than 1.4 ends at frame 0 there, and has no gradient.

    Returns:
        ``(P, R)`` in squared frames.
    """
    first, second = z
    through = (components.flatten(1, 2) @ second).unflatten(1, components.shape[1:3])
    distance = pairwise_distance(through.flatten(1, 2), first, "euclidean", "none")
    logits = -distance.unflatten(1, components.shape[1:3]) / temperature
    logits = logits.masked_fill(~margin.unsqueeze(2), -torch.inf)
    normaliser = logits.logsumexp(3, keepdim=True)
    if floor:
        normaliser = torch.logaddexp(normaliser, normaliser.new_tensor(math.log(floor)))
    end = (logits - normaliser).exp()
    index = torch.arange(first.shape[1], device=first.device, dtype=first.dtype)
    expected = end @ index
    error = (positions.unsqueeze(2) - expected).square()
    if variance_weight:
        variance = (end * (index - expected.unsqueeze(3)).square()).sum(3)
        # Half the logarithm of the variance; the root of 0 has no gradient.
        error = error + variance_weight * 0.5 * variance.clamp_min(1e-12).log()
    return (weights * error).sum(2)


def droppable(errors: Tensor, kept: Tensor, share: float, least: float = 0.01) -> Tensor:
    """Errors of frames that may have no counterpart.

    Args:
        errors: ``(P, R)``, positive.
        kept: logits ``(P, R)`` that a frame has one.
        share: part of each frame that is kept in any case, in [0, 1].
        least: error below which the inverse grows no more.

    Returns:
        ``(P, R)``: the error as far as a frame is kept, its inverse as far as it is not.
    """
    belief = share + (1 - share) * kept.sigmoid()
    return belief * errors + (1 - belief) / errors.clamp_min(least)


def standardised(values: Tensor, mask: Tensor) -> Tensor:
    """``(P, N)``, less their means over real frames, over their standard deviations (n - 1)."""
    count = mask.sum(1, keepdim=True)
    mean = (values * mask).sum(1, keepdim=True) / count
    off = (values - mean) * mask
    variance = off.square().sum(1, keepdim=True) / (count - 1).clamp_min(1)
    return off / (variance + 1e-12).sqrt()
