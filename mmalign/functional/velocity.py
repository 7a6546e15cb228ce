"""How joints move from frame to frame."""

from __future__ import annotations

import torch
from torch import Tensor


def velocities(frames: Tensor, mask: Tensor) -> Tensor:
    """Velocities of joints by differences of the frame after and the frame before.

    Args:
        frames: ``(N, K, D + 1)``, places and scores of the real frames of all sequences one after
            the other.
        mask: ``(B, T)``, true on the real frames; N of them in all.

    Returns:
        ``(N, K, D + 1)``: places per frame, by one step at the ends of a sequence, 0 in a sequence
        of one frame and where a joint is absent from one of the two frames; and the scores.
    """
    counts = mask.sum(1)
    ends = counts.cumsum(0)
    first, last = (
        one.repeat_interleave(counts, output_size=len(frames)) for one in (ends - counts, ends - 1)
    )
    index = torch.arange(len(frames), device=frames.device)
    before, after = torch.maximum(index - 1, first), torch.minimum(index + 1, last)
    places, scores = frames[..., :-1], frames[..., -1:]
    steps = (after - before).clamp_min(1)[:, None, None]
    present = (scores[before] > 0) & (scores[after] > 0)
    moved = torch.where(present, (places[after] - places[before]) / steps, 0.0)
    return torch.cat([moved, scores], dim=-1)
