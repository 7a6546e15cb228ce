"""Attention and transformer blocks, small enough to read at a glance."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention


def rotate_by_position(x: Tensor, base: float = 10000.0) -> Tensor:
    """Rotary position encoding (Su et al. 2021) of ``(B, heads, T, C)``, C even.

    Dot products of two encoded tensors depend on the difference of their positions alone.
    """
    *_, length, dim = x.shape
    frequency = base ** (-torch.arange(0, dim, 2, device=x.device, dtype=torch.float32) / dim)
    angle = torch.arange(length, device=x.device, dtype=torch.float32)[:, None] * frequency
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    first, second = x.chunk(2, dim=-1)
    return torch.cat([first * cos - second * sin, second * cos + first * sin], dim=-1)


def attend(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None, dropout: float = 0.0
) -> Tensor:
    """Scaled dot-product attention of ``(B, heads, T, C)``, in float32 on a CPU.

    PyTorch's bfloat16 kernel for CPUs takes six times as long as the float32 one on short sequences
    (the 9 patches of a heatmap), forward and backward together.
    """
    if query.device.type != "cpu" or query.dtype == torch.float32:
        return scaled_dot_product_attention(query, key, value, mask, dropout)
    with torch.autocast("cpu", enabled=False):
        out = scaled_dot_product_attention(query.float(), key.float(), value.float(), mask, dropout)
        return out.to(query.dtype)


class Attention(nn.Module):
    """Multi-head attention, of a sequence to itself or to another one.

    Args:
        dim: channels of input and output.
        num_heads: heads; ``dim`` must be divisible by it.
        bias: whether the query, key and value projections have one (LoFTR's have none).
        rotary: encode relative positions by rotation; only for self-attention.
        dropout: of the attention weights while training.
    """

    def __init__(
        self,
        dim: int,
        num_heads: int,
        bias: bool = True,
        rotary: bool = False,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        if num_heads < 1 or dim % num_heads or (rotary and (dim // num_heads) % 2):
            raise ValueError(
                f"dim {dim} must be divisible by num_heads {num_heads}, with an even quotient if "
                "rotary"
            )
        self.num_heads, self.rotary, self.dropout = num_heads, rotary, dropout
        self.query = nn.Linear(dim, dim, bias=bias)
        self.key_value = nn.Linear(dim, 2 * dim, bias=bias)
        self.out = nn.Linear(dim, dim, bias=bias)

    def forward(
        self, x: Tensor, mask: Tensor | None = None, context: Tensor | None = None
    ) -> Tensor:
        """Attend from ``x (B, T, D)`` to ``context (B, S, D)`` (itself when not given).

        Args:
            x: ``(B, T, D)``.
            mask: ``(B, S)``, true where the context is real.
            context: ``(B, S, D)``.
        """
        source = x if context is None else context
        query = self._heads(self.query(x))
        key, value = (self._heads(part) for part in self.key_value(source).chunk(2, dim=-1))
        if self.rotary:
            query, key = rotate_by_position(query), rotate_by_position(key)
        attended = attend(
            query,
            key,
            value,
            None if mask is None else mask[:, None, None, :],
            self.dropout if self.training else 0.0,
        )
        return self.out(attended.transpose(1, 2).flatten(2))

    def _heads(self, x: Tensor) -> Tensor:
        return x.unflatten(-1, (self.num_heads, -1)).transpose(1, 2)


class FeedForward(nn.Sequential):
    """Two linear layers with a GELU between."""

    def __init__(self, dim: int, hidden: int, dropout: float = 0.0) -> None:
        super().__init__(
            nn.Linear(dim, hidden), nn.GELU(), nn.Dropout(dropout), nn.Linear(hidden, dim)
        )


class TransformerBlock(nn.Module):
    """Pre-norm transformer block, as in ViT and ViViT.

    Args:
        dim: channels.
        num_heads: attention heads.
        mlp_ratio: hidden width of the feed-forward layer over ``dim``.
        rotary: rotary position encoding in the attention.
        dropout: of attention weights, of the residual branches and within the feed-forward layer.
    """

    def __init__(
        self,
        dim: int,
        num_heads: int,
        mlp_ratio: float = 4.0,
        rotary: bool = False,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.norm_attention = nn.LayerNorm(dim)
        self.attention = Attention(dim, num_heads, rotary=rotary, dropout=dropout)
        self.norm_mlp = nn.LayerNorm(dim)
        self.mlp = FeedForward(dim, int(dim * mlp_ratio), dropout)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """``(B, T, D)`` to ``(B, T, D)``; ``mask (B, T)`` is true on real tokens."""
        x = x + self.dropout(self.attention(self.norm_attention(x), mask))
        return x + self.dropout(self.mlp(self.norm_mlp(x)))
