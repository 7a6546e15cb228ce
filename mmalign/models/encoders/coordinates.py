"""Encoders of joint coordinates: CASA's, and the spatial graph transformer in its place."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from mmalign.models.layers import (
    TemporalTransformer,
    TokenMean,
    TransformerBlock,
    build_encoding,
)
from mmalign.registry import MODELS
from mmalign.skeletons import get_skeleton


@MODELS.register_module()
class CoordinateEncoder(nn.Module):
    """Embed the joints of each frame, then attend over the frames.

    With ``spatial='linear'`` and no temporal block this is the embedding of CASA (Kwon et al., CVPR
    2022), whose attention over time is that of the self and cross layers after it. With
    ``'transformer'`` the joints of a frame attend to each other, as in the spatial stream of ST-TR
    (Plizzari et al., 2021): Table 12, row "heart".

    Args:
        skeleton: name of the skeleton.
        in_channels: numbers per joint.
        dim: width of the tokens.
        spatial: ``'linear'`` (the joints are concatenated) or ``'transformer'``.
        spatial_depth: blocks over the joints of a frame (``'transformer'``).
        temporal_depth: blocks over the frames; 0 = none.
        temporal_encoding: ``'learned'``, ``'sinusoidal'`` (CASA's), ``'rotary'`` or ``'none'``.
        num_heads: attention heads.
        mlp_ratio: hidden width of feed-forward layers over ``dim``.
        max_frames: frames that a learned temporal encoding covers.
        dropout: in all blocks.
    """

    def __init__(
        self,
        skeleton: str,
        in_channels: int = 3,
        dim: int = 192,
        spatial: str = "linear",
        spatial_depth: int = 4,
        temporal_depth: int = 0,
        temporal_encoding: str = "sinusoidal",
        num_heads: int = 3,
        mlp_ratio: float = 4.0,
        max_frames: int = 256,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.dim = dim
        num_joints = get_skeleton(skeleton).num_joints
        blocks: dict[str, Any] = dict(num_heads=num_heads, mlp_ratio=mlp_ratio, dropout=dropout)
        if spatial == "linear":
            self.spatial: nn.Module = nn.Sequential(
                nn.Flatten(1), nn.Linear(num_joints * in_channels, dim)
            )
        elif spatial == "transformer":
            self.spatial = nn.Sequential(
                nn.Linear(in_channels, dim),
                build_encoding("learned", num_joints, dim),
                *(TransformerBlock(dim, **blocks) for _ in range(spatial_depth)),
                nn.LayerNorm(dim),
                TokenMean(),
            )
        else:
            raise ValueError(f"spatial must be 'linear' or 'transformer', found {spatial!r}")
        self.temporal = TemporalTransformer(
            dim, temporal_depth, temporal_encoding, max_frames, **blocks
        )

    def forward(self, frames: Tensor, mask: Tensor) -> Tensor:
        """Embed sequences.

        Args:
            frames: ``(N, K, C)``: the real frames of all sequences one after the other.
            mask: ``(B, T)``, true on the real frames; N of them in all.

        Returns:
            ``(B, T, dim)``, zero where ``mask`` is false.
        """
        if torch.is_autocast_enabled(frames.device.type):
            frames = frames.to(torch.get_autocast_dtype(frames.device.type))
        return self.temporal(self.spatial(frames), mask)
