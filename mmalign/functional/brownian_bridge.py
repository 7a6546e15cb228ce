"""Embeddings as Brownian bridges (VSP: Zhang et al., Modeling Video as Stochastic Processes, 2023).

A bridge is a triplet of frames ``head < middle < tail`` of a clip: the embedding of the middle is
to be where a Brownian motion is expected that begins at the head's and ends at the tail's.
"""

from __future__ import annotations

import torch
from torch import Tensor

from mmalign.functional.matching import pairwise_distance


def draw_bridges(lengths: Tensor, count: int, span: int = 3) -> Tensor:
    """Draw bridges in clips, from torch's generator on the CPU.

    Args:
        lengths: ``(B,)`` int64 on the CPU, frames of each clip, at least 3.
        count: bridges of each clip.
        span: least number of frames from head to tail, at least 2; less in clips that are shorter.

    Returns:
        Positions of head, middle and tail ``(B, count, 3)`` int64, increasing.
    """
    last = lengths.unsqueeze(1) - 1
    least = last.clamp_max(span)
    ends = (torch.rand(len(lengths), count, 2) * (last - least + 1).unsqueeze(2)).long()
    head, tail = ends.amin(2), ends.amax(2) + least
    middle = head + 1 + (torch.rand(head.shape) * (tail - head - 1)).long()
    return torch.stack([head, middle, tail], dim=2)


def bridge_contrast(z: Tensor, t: Tensor, squared_variance: bool = True) -> Tensor:
    """How well each bridge tells its own middle from all frames of the other bridges.

    Args:
        z: latents of head, middle and tail ``(R, 3, D)`` of all bridges.
        t: their times ``(R, 3)``, increasing; the variance of a bridge is in their unit.
        squared_variance: square the variance of the bridge, as the authors' code does; it is not
            squared in the paper.

    Returns:
        ``(R,)`` in nats.
    """
    head, middle, tail = (t[:, i].to(z.dtype) for i in range(3))
    # Times that coincide make no bridge, but no error either.
    share = (middle - head) / (tail - head).clamp_min(1e-4)
    variance = (share * (tail - middle)).clamp_min(1e-4)
    expected = (1 - share).unsqueeze(1) * z[:, 0] + share.unsqueeze(1) * z[:, 2]
    squared = pairwise_distance(expected[None], z.flatten(0, 1)[None], "sqeuclidean", "none")[0]
    power = 2 if squared_variance else 1
    scores = -squared / (2 * variance.unsqueeze(1) ** power)
    own = torch.eye(len(z), dtype=torch.bool, device=z.device)
    at_middle = torch.tensor([False, True, False], device=z.device)
    # Of its own frames a bridge is compared with the middle alone.
    left_out = (own.unsqueeze(2) & ~at_middle).flatten(1)
    normaliser = scores.masked_fill(left_out, -torch.inf).logsumexp(1)
    return normaliser - scores[:, 1::3].diagonal()
