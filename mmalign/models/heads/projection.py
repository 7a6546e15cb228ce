"""Projection head (LA2DS, Sec. 3.3)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from mmalign.registry import MODELS


@MODELS.register_module()
class ProjectionHead(nn.Sequential):
    """MLP with one hidden layer, or none, from embeddings U to the latents Z of the loss.

    Args:
        dim: channels of the embeddings.
        hidden: width of the hidden layer; None = no hidden layer, a linear map.
        out: channels of the latents.
        normalize: divide each frame's latents by their Euclidean norm, in float32.
    """

    def __init__(
        self, dim: int = 192, hidden: int | None = 192, out: int = 128, normalize: bool = False
    ) -> None:
        inner = () if hidden is None else (nn.Linear(dim, hidden), nn.ReLU())
        super().__init__(*inner, nn.Linear(hidden or dim, out))
        self.out, self.normalize = out, normalize

    def forward(self, u: Tensor) -> Tensor:
        """Latents ``(..., out)`` of embeddings ``(..., dim)``."""
        z: Tensor = super().forward(u)
        return unit_length(z) if self.normalize else z


def unit_length(x: Tensor) -> Tensor:
    """Vectors ``(..., D)`` divided by their Euclidean norm, in float32 at least; 0 stays 0."""
    return functional.normalize(x.to(torch.promote_types(x.dtype, torch.float32)), dim=-1)
