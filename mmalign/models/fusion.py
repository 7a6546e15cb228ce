"""Late fusion of the embeddings of several modalities (LA2DS, Sec. 3.4)."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from mmalign.registry import MODELS


@MODELS.register_module()
class ConcatFusion(nn.Module):
    """Concatenate the modalities' embeddings, and a linear layer to ``dim`` channels.

    In the place of a modality that is missing stands a learned vector. So that the layer and the
    encoders before it know what to do then, modalities are dropped while training.

    Args:
        dims: per modality the channels of its embeddings; the order is that of concatenation.
        dim: channels of the fused embeddings (192 in the paper).
        dropout: probability that a training sequence loses modalities: all but a random non-empty
            set of them, the same in both views. 0 is the paper's; the fused network then needs
            every modality.
    """

    def __init__(self, dims: Mapping[str, int], dim: int = 192, dropout: float = 0.5) -> None:
        super().__init__()
        if not 0 <= dropout <= 1:
            raise ValueError(f"dropout must be in [0, 1], found {dropout}")
        self.dims, self.dropout = dict(dims), dropout
        self.stand_in = nn.ParameterDict(
            {name: nn.Parameter(torch.zeros(width)) for name, width in self.dims.items()}
        )
        self.linear = nn.Linear(sum(self.dims.values()), dim)

    def draw(self, batch: int, device: torch.device) -> dict[str, Tensor]:
        """Draw which sequences keep which modality; each keeps at least one.

        Returns:
            Per modality ``(batch,)`` bool.
        """
        count = len(self.dims)
        # The numbers 1 ... 2^n - 2 written in binary are the non-empty proper subsets of n.
        subset = torch.randint(1, 2**count - 1, (batch,), device=device)
        whole = torch.rand(batch, device=device) >= self.dropout
        return {name: whole | (subset >> i & 1).bool() for i, name in enumerate(self.dims)}

    def forward(
        self,
        features: Mapping[str, Tensor],
        mask: Tensor,
        kept: Mapping[str, Tensor] | None = None,
    ) -> Tensor:
        """Fuse.

        Args:
            features: per modality ``(B, T, D_m)``; those that are missing are left out.
            mask: ``(B, T)``, true on real frames.
            kept: per modality ``(B,)`` bool, which sequences have it; None = all.

        Returns:
            ``(B, T, dim)``, zero where ``mask`` is false.
        """
        parts = []
        for name, width in self.dims.items():
            stand_in = self.stand_in[name].expand(*mask.shape, width)
            if name not in features:
                parts.append(stand_in)
            elif kept is None:
                parts.append(features[name])
            else:
                parts.append(torch.where(kept[name][:, None, None], features[name], stand_in))
        # Without autocast an embedding of reduced precision does not mix with a stand-in.
        dtype = next(iter(features.values())).dtype
        joined = torch.cat([part.to(dtype) for part in parts], dim=-1)
        return self.linear(joined) * mask.unsqueeze(-1)
