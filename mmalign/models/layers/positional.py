"""Positional encodings that are added to tokens."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mmalign.errors import InputError


class LearnedEncoding(nn.Module):
    """Absolute learned positional encoding (LA2DS, Sec. 3.3).

    Args:
        max_length: number of positions.
        dim: channels.
    """

    def __init__(self, max_length: int, dim: int) -> None:
        super().__init__()
        self.encoding = nn.Parameter(torch.zeros(max_length, dim))
        nn.init.trunc_normal_(self.encoding, std=0.02)

    def forward(self, x: Tensor) -> Tensor:
        """Add the encoding to ``(B, T, D)``.

        Raises:
            InputError: If T is more than ``max_length``.
        """
        found, known = x.shape[1], len(self.encoding)
        if found > known:
            raise InputError(
                f"a sequence has {found} positions, its learned encoding {known}: "
                "set max_frames of the training data set to that, which takes windows of longer "
                "clips, raise max_frames of the model's parts, or use rotary encodings"
            )
        return x + self.encoding[:found]


class SinusoidalEncoding(nn.Module):
    """Fixed absolute encoding (Vaswani et al. 2017), as in CASA."""

    def forward(self, x: Tensor) -> Tensor:
        """Add the encoding to ``(B, T, D)``."""
        length, dim = x.shape[1:]
        frequency = 10000.0 ** (-torch.arange(0, dim, 2, device=x.device) / dim)
        angle = torch.arange(length, device=x.device)[:, None] * frequency
        encoding = torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(1)[:, :dim]
        return x + encoding.to(x.dtype)


def build_encoding(kind: str, max_length: int, dim: int) -> nn.Module:
    """Encoding to add to tokens.

    Args:
        kind: ``'learned'``, ``'sinusoidal'``, or ``'rotary'`` and ``'none'``, which add nothing
            (rotary positions enter inside the attention).
        max_length: positions of a learned encoding.
        dim: channels.
    """
    if kind == "learned":
        return LearnedEncoding(max_length, dim)
    if kind == "sinusoidal":
        return SinusoidalEncoding()
    if kind in ("rotary", "none"):
        return nn.Identity()
    raise ValueError(
        f"positional encoding {kind!r} is unknown: expected 'learned', 'sinusoidal', 'rotary' or "
        "'none'"
    )
