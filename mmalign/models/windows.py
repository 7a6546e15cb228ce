"""Embedding of sequences longer than a network was trained for."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor


def embed_in_windows(
    embed: Callable[[Tensor, Tensor], Tensor], frames: Tensor, mask: Tensor, length: int
) -> Tensor:
    """Embed sequences in windows that overlap by half, blended with triangular weights.

    A sequence of at most ``length`` frames gives exactly what ``embed`` gives.

    Args:
        embed: maps packed frames ``(N, ...)`` and a mask ``(B, T)`` to ``(B, T, D)``.
        frames: ``(N, ...)``, the real frames of all sequences one after the other.
        mask: ``(B, T)``, true on real frames, which come first in every row.
        length: frames of a window, at least 2.

    Returns:
        ``(B, T, D)``, 0 where ``mask`` is false.
    """
    clips = frames.split(mask.sum(1).tolist())
    rows = [_embed_long(embed, clip, length) for clip in clips]
    return torch.nn.utils.rnn.pad_sequence(rows, batch_first=True)


def _embed_long(embed: Callable[[Tensor, Tensor], Tensor], clip: Tensor, length: int) -> Tensor:
    total = len(clip)
    ones = torch.ones(1, min(total, length), dtype=torch.bool, device=clip.device)
    if total <= length:
        return embed(clip, ones)[0]
    hop = max(1, length // 2)
    starts = list(range(0, total - length, hop)) + [total - length]
    ramp = torch.arange(length, device=clip.device) + 1.0
    weight = torch.minimum(ramp, ramp.flip(0)).unsqueeze(1)
    summed: Tensor | None = None
    norm = torch.zeros(total, 1, device=clip.device)
    for start in starts:
        part = embed(clip[start : start + length], ones)[0]
        if summed is None:
            summed = part.new_zeros(total, part.shape[-1])
        summed[start : start + length] += weight.to(part.dtype) * part
        norm[start : start + length] += weight
    assert summed is not None
    return summed / norm.to(summed.dtype)
