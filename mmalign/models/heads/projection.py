"""Projection head (LA2DS, Sec. 3.3)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from mmalign.registry import MODELS


@MODELS.register_module()
class ProjectionHead(nn.Sequential):
    """MLP with one hidden layer from embeddings U to the latents Z of the loss.

    Args:
        dim: channels of the embeddings.
        hidden: width of the hidden layer.
        out: channels of the latents.
        normalize: divide each frame's latents by their Euclidean norm, in float32.
    """

    def __init__(
        self, dim: int = 192, hidden: int = 192, out: int = 128, normalize: bool = False
    ) -> None:
        super().__init__(nn.Linear(dim, hidden), nn.ReLU(), nn.Linear(hidden, out))
        self.out, self.normalize = out, normalize

    def forward(self, u: Tensor) -> Tensor:
        """Latents ``(..., out)`` of embeddings ``(..., dim)``."""
        z: Tensor = super().forward(u)
        if not self.normalize:
            return z
        return functional.normalize(z.to(torch.promote_types(z.dtype, torch.float32)), dim=-1)
