"""Cross-attention between two sequences (LA2DS, Sec. 3.3; LoFTR, Sun et al. 2021)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mmalign.registry import MODELS

from .attention import Attention
from .positional import build_encoding


class LoFTRLayer(nn.Module):
    """The attended message, concatenated to the input, passes an MLP and is added to the input.

    Args:
        dim: channels.
        num_heads: attention heads.
    """

    def __init__(self, dim: int, num_heads: int) -> None:
        super().__init__()
        self.attention = Attention(dim, num_heads, bias=False)
        self.norm_message = nn.LayerNorm(dim)
        self.mlp = nn.Sequential(
            nn.Linear(2 * dim, 2 * dim, bias=False), nn.ReLU(), nn.Linear(2 * dim, dim, bias=False)
        )
        self.norm_out = nn.LayerNorm(dim)

    def forward(self, x: Tensor, source: Tensor, source_mask: Tensor) -> Tensor:
        """Update ``x (B, T, D)`` from ``source (B, S, D)`` with ``source_mask (B, S)``."""
        message = self.norm_message(self.attention(x, source_mask, source))
        return x + self.norm_out(self.mlp(torch.cat([x, message], dim=-1)))


@MODELS.register_module()
class CrossAttention(nn.Module):
    """An MLP, a second positional encoding, and LoFTR layers between two sequences.

    In each layer sequence ``a`` attends to ``b``, then ``b`` to the updated ``a``; without a ``b``
    a sequence attends to itself (evaluation, protocol of single sequences).

    Args:
        dim: channels.
        n_cross: cross layers; 0 leaves the MLP and the encoding.
        with_self: put a self-attention layer before each cross layer, as CASA and LoFTR do.
        num_heads: attention heads.
        encoding: ``'learned'`` (the paper's), ``'sinusoidal'`` or ``'none'``.
        max_frames: frames that a learned encoding covers.
    """

    def __init__(
        self,
        dim: int = 192,
        n_cross: int = 4,
        with_self: bool = False,
        num_heads: int = 3,
        encoding: str = "learned",
        max_frames: int = 256,
    ) -> None:
        super().__init__()
        self.mlp = nn.Sequential(nn.Linear(dim, dim), nn.GELU(), nn.Linear(dim, dim))
        self.encoding = build_encoding(encoding, max_frames, dim)
        kinds = ("self", "cross") if with_self else ("cross",)
        self.kinds = kinds * n_cross
        self.layers = nn.ModuleList(LoFTRLayer(dim, num_heads) for _ in self.kinds)

    def forward(
        self, a: Tensor, mask_a: Tensor, b: Tensor | None = None, mask_b: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Contextual features of both sequences.

        Args:
            a: ``(B, M, D)``.
            mask_a: ``(B, M)``.
            b: ``(B, N, D)``; ``a`` itself when not given.
            mask_b: ``(B, N)``.

        Returns:
            ``(B, M, D)`` and ``(B, N, D)``, zero where masked; twice the same without ``b``.
        """
        a = self.encoding(self.mlp(a))
        if b is None or mask_b is None:
            for layer in self.layers:
                a = layer(a, a, mask_a)
            a = a * mask_a.unsqueeze(-1)
            return a, a
        b = self.encoding(self.mlp(b))
        for kind, layer in zip(self.kinds, self.layers, strict=True):
            if kind == "self":
                a, b = layer(a, a, mask_a), layer(b, b, mask_b)
            else:
                a = layer(a, b, mask_b)
                b = layer(b, a, mask_a)
        return a * mask_a.unsqueeze(-1), b * mask_b.unsqueeze(-1)
