"""Spatial-temporal graph convolutions in front of the attention (ST-GCN + CASA)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mmalign.models.layers import TemporalTransformer, unpack_frames
from mmalign.registry import MODELS
from mmalign.skeletons import Skeleton, get_skeleton


def graph_partitions(skeleton: Skeleton) -> Tensor:
    """Normalised adjacency ``(3, K, K)``: a joint itself, its parent, its children.

    The partitions stand for ST-GCN's "spatial configuration" (Yan et al., AAAI 2018), with the
    kinematic tree in place of distances from the body's centre. Rows sum to 1 or are 0.
    """
    parent = torch.zeros(skeleton.num_joints, skeleton.num_joints)
    for joint, above in enumerate(skeleton.parents):
        if above >= 0:
            parent[joint, above] = 1
    parts = torch.stack([torch.eye(skeleton.num_joints), parent, parent.T])
    return parts / parts.sum(-1, keepdim=True).clamp(min=1)


class STGCNBlock(nn.Module):
    """A graph convolution over the joints, then a convolution over time, with a residual.

    Normalisation is per frame and joint, so that neither padding nor batch-mates change a clip.

    Args:
        in_channels: of the input.
        channels: of the output.
        partitions: see :func:`graph_partitions`.
        kernel: frames of the temporal convolution, odd.
    """

    partitions: Tensor

    def __init__(
        self, in_channels: int, channels: int, partitions: Tensor, kernel: int = 9
    ) -> None:
        super().__init__()
        self.register_buffer("partitions", partitions, persistent=False)
        # Learned importance of every edge, as in ST-GCN.
        self.importance = nn.Parameter(torch.ones_like(partitions))
        self.graph = nn.Linear(len(partitions) * in_channels, channels)
        self.norm_graph = nn.LayerNorm(channels)
        self.time = nn.Conv2d(channels, channels, (kernel, 1), padding=(kernel // 2, 0))
        self.norm_time = nn.LayerNorm(channels)
        same = in_channels == channels
        self.residual = nn.Identity() if same else nn.Linear(in_channels, channels)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """``(B, T, K, C)`` to ``(B, T, K, channels)``; ``mask (B, T)`` is true on real frames."""
        weights = (self.partitions * self.importance).to(x.dtype)
        neighbours = torch.einsum("pij,btjc->btipc", weights, x).flatten(-2)
        y = self.norm_graph(self.graph(neighbours)).relu() * mask[..., None, None]
        y = self.time(y.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
        return (self.norm_time(y) + self.residual(x)).relu() * mask[..., None, None]


@MODELS.register_module()
class STGCNEncoder(nn.Module):
    """ST-GCN blocks, the mean over the joints, then attention over the frames.

    Args:
        skeleton: name of the skeleton.
        in_channels: numbers per joint.
        dim: width of the frame tokens.
        channels: of each block.
        kernel: frames of the temporal convolutions.
        temporal_depth: transformer blocks over the frames; 0 = none.
        temporal_encoding: as in ``CoordinateEncoder``.
        num_heads: attention heads.
        max_frames: frames that a learned temporal encoding covers.
    """

    def __init__(
        self,
        skeleton: str,
        in_channels: int = 3,
        dim: int = 192,
        channels: tuple[int, ...] = (64, 64, 128, 128),
        kernel: int = 9,
        temporal_depth: int = 0,
        temporal_encoding: str = "sinusoidal",
        num_heads: int = 3,
        max_frames: int = 256,
    ) -> None:
        super().__init__()
        self.dim = dim
        if kernel % 2 == 0:
            raise ValueError(f"kernel must be odd, found {kernel}")
        partitions = graph_partitions(get_skeleton(skeleton))
        widths = (in_channels, *channels)
        self.blocks = nn.ModuleList(
            STGCNBlock(*pair, partitions, kernel)
            for pair in zip(widths[:-1], widths[1:], strict=True)
        )
        self.out = nn.Linear(widths[-1], dim)
        self.temporal = TemporalTransformer(
            dim, temporal_depth, temporal_encoding, max_frames, num_heads=num_heads
        )

    def forward(self, frames: Tensor, mask: Tensor) -> Tensor:
        """Embed sequences: ``frames (N, K, C)``, ``mask (B, T)`` to ``(B, T, dim)``."""
        if torch.is_autocast_enabled(frames.device.type):
            frames = frames.to(torch.get_autocast_dtype(frames.device.type))
        x = unpack_frames(frames, mask)
        for block in self.blocks:
            x = block(x, mask)
        return self.temporal(self.out(x.mean(dim=2))[mask], mask)
