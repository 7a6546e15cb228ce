"""Projection head (LA2DS, Sec. 3.3)."""

from __future__ import annotations

from torch import nn

from mmalign.registry import MODELS


@MODELS.register_module()
class ProjectionHead(nn.Sequential):
    """MLP with one hidden layer from embeddings U to the latents Z of the loss.

    Args:
        dim: channels of the embeddings.
        hidden: width of the hidden layer.
        out: channels of the latents.
    """

    def __init__(self, dim: int = 192, hidden: int = 192, out: int = 128) -> None:
        super().__init__(nn.Linear(dim, hidden), nn.ReLU(), nn.Linear(hidden, out))
