"""Factorised ViViT encoder of heatmap (or image) sequences (LA2DS, Sec. 3.3 and Fig. 4b)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from einops import rearrange
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from mmalign.errors import InputError
from mmalign.models.encoders.timm_vit import timm_vit_weights
from mmalign.models.layers import (
    TemporalTransformer,
    TokenMean,
    TransformerBlock,
    build_encoding,
)
from mmalign.registry import MODELS


@MODELS.register_module()
class ViViTEncoder(nn.Module):
    """Spatial transformer per frame, average pooling, temporal transformer over frames.

    Frames come packed: the spatial part never sees padding. For frames of a video, which are large,
    ``frame_chunk`` bounds the memory: so many are normalised and go through the spatial part at a
    time, and while training what lies between is computed again on the way back.

    Args:
        in_channels: channels of a frame (joints + limbs for heatmaps, 3 for RGB).
        image_size: side of the square frames in pixels.
        patch_size: side of a patch; patches do not overlap.
        dim: width of the tokens (192 in the paper).
        spatial_depth: transformer blocks over the tokens of one frame.
        temporal_depth: transformer blocks over the frames of a sequence; 0 = none.
        num_heads: attention heads (64 channels each at the paper's width).
        mlp_ratio: hidden width of feed-forward layers over ``dim``.
        spatial: ``'transformer'``, or ``'mlp'``: the frame's tokens are concatenated and go through
            a per-frame MLP (Table 12, row "diamond").
        spatial_encoding: ``'learned'`` or ``'none'``.
        temporal_encoding: ``'learned'`` (the paper's), ``'sinusoidal'``, ``'rotary'`` or
            ``'none'``.
        max_frames: frames that a learned temporal encoding covers.
        dropout: in all blocks.
        mean: per channel, subtracted from the frames; None = frames are taken as they are.
        std: per channel, the frames are divided by it.
        frame_chunk: most frames in the spatial part at a time; None = all.
        pretrained: file of a timm ViT from which the spatial part starts its training (see
            :func:`~mmalign.models.encoders.timm_vit.timm_vit_weights`); not needed afterwards.
    """

    mean: Tensor | None
    std: Tensor

    def __init__(
        self,
        in_channels: int,
        image_size: int = 30,
        patch_size: int = 10,
        dim: int = 192,
        spatial_depth: int = 12,
        temporal_depth: int = 4,
        num_heads: int = 3,
        mlp_ratio: float = 4.0,
        spatial: str = "transformer",
        spatial_encoding: str = "learned",
        temporal_encoding: str = "learned",
        max_frames: int = 256,
        dropout: float = 0.0,
        mean: Sequence[float] | None = None,
        std: Sequence[float] | None = None,
        frame_chunk: int | None = None,
        pretrained: str | None = None,
    ) -> None:
        super().__init__()
        if image_size % patch_size:
            raise ValueError(
                f"image_size {image_size} must be a multiple of patch_size {patch_size}"
            )
        if spatial not in ("transformer", "mlp"):
            raise ValueError(f"spatial must be 'transformer' or 'mlp', found {spatial!r}")
        if frame_chunk is not None and frame_chunk < 1:
            raise ValueError(f"frame_chunk must be at least 1, found {frame_chunk}")
        if pretrained is not None and (spatial, spatial_encoding) != ("transformer", "learned"):
            raise ValueError("pretrained needs spatial='transformer', spatial_encoding='learned'")
        self.dim, self.patch_size, self.image_size = dim, patch_size, image_size
        self.frame_chunk, self.pretrained = frame_chunk, pretrained
        # Not among the weights: they are of the config.
        for name, values in (("mean", mean), ("std", std)):
            scale = None if values is None else torch.tensor(values).reshape(-1, 1, 1)
            self.register_buffer(name, scale, persistent=False)
        num_patches = (image_size // patch_size) ** 2
        self.patch_embed = nn.Linear(in_channels * patch_size**2, dim)
        self.spatial_encoding = build_encoding(spatial_encoding, num_patches, dim)
        blocks: dict[str, Any] = dict(num_heads=num_heads, mlp_ratio=mlp_ratio, dropout=dropout)
        if spatial == "transformer":
            self.spatial: nn.Module = nn.Sequential(
                *(TransformerBlock(dim, **blocks) for _ in range(spatial_depth)),
                nn.LayerNorm(dim),
                TokenMean(),
            )
        else:
            self.spatial = nn.Sequential(
                nn.Flatten(1), nn.Linear(num_patches * dim, dim), nn.GELU(), nn.Linear(dim, dim)
            )
        self.temporal = TemporalTransformer(
            dim, temporal_depth, temporal_encoding, max_frames, **blocks
        )

    def init_weights(self) -> None:
        """Start from :attr:`pretrained`, where given; MMEngine calls it before training."""
        if self.pretrained is None:
            return
        depth = len(self.spatial) - 2  # type: ignore[arg-type]
        sides = self.image_size, self.patch_size
        weights = timm_vit_weights(self.pretrained, self.state_dict(), *sides, depth)
        self.load_state_dict(weights, strict=False)

    def forward(self, frames: Tensor, mask: Tensor) -> Tensor:
        """Embed sequences.

        Args:
            frames: ``(N, C, S, S)``: the real frames of all sequences one after the other.
            mask: ``(B, T)``, true on the real frames; N of them in all.

        Returns:
            ``(B, T, dim)``, zero where ``mask`` is false.

        Raises:
            InputError: If the frames are of another size.
        """
        if frames.shape[-2:] != (self.image_size, self.image_size):
            raise InputError(
                f"frames are {frames.shape[-1]}x{frames.shape[-2]} pixels, the encoder takes"
                f" {self.image_size}x{self.image_size}; give the pipeline's transform that size, or"
                " the encoder image_size"
            )
        if self.frame_chunk is None or len(frames) <= self.frame_chunk:
            return self.temporal(self._embed_frames(frames), mask)
        chunks = frames.split(self.frame_chunk)
        if torch.is_grad_enabled():
            tokens = [checkpoint(self._embed_frames, part, use_reentrant=False) for part in chunks]
        else:
            tokens = [self._embed_frames(part) for part in chunks]
        return self.temporal(torch.cat(tokens), mask)

    def _embed_frames(self, frames: Tensor) -> Tensor:
        """``(n, C, S, S)`` to one token per frame ``(n, dim)``."""
        if self.mean is not None:
            frames = (frames.float() - self.mean) / self.std
        if torch.is_autocast_enabled(frames.device.type):
            # The patch embedding would cast; casting first halves what is rearranged.
            frames = frames.to(torch.get_autocast_dtype(frames.device.type))
        patches = rearrange(
            frames, "n c (h p) (w q) -> n (h w) (c p q)", p=self.patch_size, q=self.patch_size
        )
        return self.spatial(self.spatial_encoding(self.patch_embed(patches)))
