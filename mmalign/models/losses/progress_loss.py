"""Regression of a frame's place in its clip: makes embeddings of different clips comparable."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mmalign.registry import MODELS


@MODELS.register_module()
class ProgressLoss(nn.Module):
    """Squared error of a linear prediction of the share of the clip that has passed.

    The alignment loss compares views of one clip only. Clips of a data set that are cut to one
    execution of an activity also say how far each frame is: a target that costs no label. Views are
    trimmed at random, so that counting frames does not answer it. Not for clips that hold more
    than one execution. Not in the paper.

    Args:
        embed_dims: width D of the embeddings.
        loss_weight: factor of the loss.
    """

    def __init__(self, embed_dims: int = 192, loss_weight: float = 1.0) -> None:
        super().__init__()
        self.linear = nn.Linear(embed_dims, 1)
        self.loss_weight = loss_weight

    def forward(self, u: Tensor, frame_inds: Tensor, mask: Tensor, num_frames: Tensor) -> Tensor:
        """Loss of a batch.

        Args:
            u: embeddings ``(B, T, D)``.
            frame_inds: ``(B, T)``, indices in the whole clips.
            mask: true on real frames, ``(B, T)``.
            num_frames: ``(B,)``, lengths of the whole clips.

        Returns:
            A scalar: the mean over the clips of the mean over their frames.
        """
        target = frame_inds / (num_frames - 1).clamp(min=1)[:, None]
        error = (self.linear(u.float()).squeeze(-1) - target).square()
        per_clip = torch.where(mask, error, 0).sum(1) / mask.sum(1).clamp(min=1)
        return self.loss_weight * per_clip.mean()
