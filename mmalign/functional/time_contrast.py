"""Contrasts of the frames of one clip by their times."""

from __future__ import annotations

import torch
from torch import Tensor

from mmalign.functional.matching import pairwise_distance


def earlier_frames(positions: Tensor, times: Tensor, mask: Tensor, window: float) -> Tensor:
    """For each frame a random one before it.

    Args:
        positions: of the frames in the clips ``(B, N)``.
        times: of all frames ``(B, T)``, increasing over the real ones.
        mask: ``(B, T)``, true on real frames, which come first.
        window: how much earlier it is at the most, in the unit of the times. What is drawn is a
            time; the last frame at or before it is taken, and the first of the clip if there is
            none. In frames of every index, 5 gives each of the 5 before it equally often.

    Returns:
        Positions ``(B, N)``.
    """
    back = window * (1 - torch.rand(positions.shape).to(times))
    times = times.masked_fill(~mask, torch.inf)
    drawn = times.gather(1, positions) - back
    return (torch.searchsorted(times, drawn, right=True) - 1).clamp_min(0)


def n_pairs(a: Tensor, p: Tensor, mask: Tensor, regularization: float = 0.002) -> Tensor:
    """The n-pairs loss of each clip: an anchor finds its own positive among all positives.

    ``mean_i [LSE_j <a_i, p_j> - <a_i, p_i>] + regularization / 4 (mean |a_i|^2 + mean |p_i|^2)``.

    Args:
        a: anchors ``(B, N, D)``.
        p: their positives ``(B, N, D)``.
        mask: ``(B, N)``, true on real ones.
        regularization: lambda.

    Returns:
        ``(B,)``.
    """
    logits = (a @ p.transpose(1, 2)).masked_fill(~mask.unsqueeze(1), -torch.inf)
    rows = logits.logsumexp(2) - (a * p).sum(2)
    norms = a.square().sum(2) + p.square().sum(2)
    return ((rows + regularization / 4 * norms) * mask).sum(1) / mask.sum(1)


def contrastive_idm(
    z: Tensor, t: Tensor, lengths: Tensor, mask: Tensor, sigma: float = 10.0, margin: float = 2.0
) -> Tensor:
    """Contrastive inverse difference moment of each clip (LAV, Haresh et al., CVPR 2021).

    With ``D_ij`` the squared distance of two frames and g what lies between them in lengths of the
    clip, the sum over all (i, j) of ``D_ij`` for frames within the window, and of
    ``(1 + g^2) max(0, margin - D_ij)`` for those further apart. So has the published code; the
    paper has weights in frames.

    Args:
        z: latents ``(B, N, D)``.
        t: times ``(B, N)``.
        lengths: of the whole clips ``(B,)``, in the same unit.
        mask: ``(B, N)``, true on real frames.
        sigma: the window, in the same unit.
        margin: squared distance from which on frames are far enough apart.

    Returns:
        ``(B,)``.
    """
    distances = pairwise_distance(z, z, "sqeuclidean", "none")
    # In float64, in which the published code compares frames that are sigma apart to the last bit.
    places, window = t.double() / lengths.double().unsqueeze(1), sigma / lengths.double()
    apart = (places.unsqueeze(2) - places.unsqueeze(1)).abs()
    pushed = (1 + apart.square()).to(z.dtype) * (margin - distances).clamp_min(0)
    both = mask.unsqueeze(2) & mask.unsqueeze(1)
    return (torch.where(apart > window[:, None, None], pushed, distances) * both).sum((1, 2))
