"""What every encoder of sequences ends with: pooled frame tokens and attention over time."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from .attention import TransformerBlock
from .positional import build_encoding


class TemporalTransformer(nn.Module):
    """Transformer over the frames of each sequence (LA2DS, Sec. 3.3).

    Args:
        dim: width of the tokens.
        depth: blocks; 0 = none, then tokens are only encoded and normalised.
        encoding: ``'learned'``, ``'sinusoidal'``, ``'rotary'`` or ``'none'``.
        max_frames: frames that a learned encoding covers.
        **blocks: other arguments of :class:`TransformerBlock`.
    """

    def __init__(
        self, dim: int, depth: int, encoding: str, max_frames: int = 256, **blocks: Any
    ) -> None:
        super().__init__()
        if depth < 0:
            raise ValueError(f"temporal depth is {depth}, expected 0 blocks or more")
        self.encoding = build_encoding(encoding, max_frames, dim)
        self.blocks = nn.ModuleList(
            TransformerBlock(dim, rotary=encoding == "rotary", **blocks) for _ in range(depth)
        )
        self.norm = nn.LayerNorm(dim)

    def forward(self, tokens: Tensor, mask: Tensor) -> Tensor:
        """Packed frame tokens ``(N, D)`` to sequences ``(B, T, D)``, zero where not ``mask``."""
        x = self.encoding(unpack_frames(tokens, mask))
        for block in self.blocks:
            x = block(x, mask)
        return self.norm(x) * mask.unsqueeze(-1)


class TokenMean(nn.Module):
    """Global average pooling of the tokens of a frame."""

    def forward(self, x: Tensor) -> Tensor:
        """``(N, tokens, D)`` to ``(N, D)``."""
        return torch.mean(x, dim=1)


def unpack_frames(frames: Tensor, mask: Tensor) -> Tensor:
    """Packed frames ``(N, ...)`` to padded sequences ``(B, T, ...)``, zero where not ``mask``."""
    padded = frames.new_zeros((*mask.shape, *frames.shape[1:]))
    padded[mask] = frames
    return padded
