"""Triplets of frames in and out of order (shuffle and learn, Misra et al., ECCV 2016)."""

from __future__ import annotations

import torch
from torch import Tensor

# Frames that a triplet is chosen from.
TUPLE = 5


def draw_triplets(
    lengths: Tensor, per_clip: int = 8, shuffled_share: float = 0.75
) -> tuple[Tensor, Tensor, Tensor]:
    """Draw triplets of frames, as TCC's code does.

    Of 5 different frames a < b < c < d < e, reversed in half of the draws, (b, c, d) is in order,
    and (b, a, d) and (b, e, d) are not. Reversal is drawn for each triplet; there it is drawn once
    per batch.

    Args:
        lengths: frames of each clip ``(B,)``, at least 5, int64 on the CPU.
        per_clip: triplets of a clip.
        shuffled_share: share of all triplets that is out of order, rounded down.

    Returns:
        Their clips ``(S,)``, positions ``(S, 3)``, and labels ``(S,)``, 1 = out of order.
    """
    clips = torch.arange(len(lengths)).repeat_interleave(per_clip)
    outside = torch.arange(int(lengths.max())) >= lengths[clips].unsqueeze(1)
    keys = torch.rand(outside.shape).masked_fill(outside, torch.inf)
    frames = keys.topk(TUPLE, largest=False).indices.sort().values
    frames = torch.where(torch.rand(len(clips), 1) < 0.5, frames, frames.flip(1))
    shuffled = torch.randperm(len(clips)) < int(shuffled_share * len(clips))
    end = torch.where(torch.rand(len(clips)) < 0.5, frames[:, 0], frames[:, -1])
    middle = torch.where(shuffled, end, frames[:, 2])
    return clips, torch.stack([frames[:, 1], middle, frames[:, 3]], dim=1), shuffled.long()
