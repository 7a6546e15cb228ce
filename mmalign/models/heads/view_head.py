"""Heads that look at more than the embeddings: at which frames are real, and when they were."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mmalign.errors import InputError
from mmalign.models.data_preprocessor import ViewBatch
from mmalign.registry import MODELS

_ROUNDING = 1e-3
"""Frames by which times may be off and still be the same."""


class ViewHead(nn.Module):
    """A head whose :meth:`forward` takes the view after the embeddings."""

    def forward(self, u: Tensor, view: ViewBatch) -> Tensor:
        """Latents ``(B, T, out)`` of embeddings ``(B, T, dim)``."""
        raise NotImplementedError


def apply_head(head: nn.Module, u: Tensor, view: ViewBatch) -> Tensor:
    """Latents of the embeddings ``(B, T, D)`` of a view, by a head of either kind."""
    latents: Tensor = head(u, view) if isinstance(head, ViewHead) else head(u)
    return latents


@MODELS.register_module()
class ContextConv(ViewHead):
    """Embed each frame together with one frame before it, as TCC and what follows it do.

    In place of TCC's convolution over the frames t and t - 15 and its embedder (Dwibedi et al.,
    CVPR 2019), whose frames are pictures: both frames' embeddings side by side, linear, ReLU,
    linear. Frame t is seen with the last frame that the view has at ``seconds`` before it or
    earlier, or with the view's first; never with a later one.

    Args:
        dim: channels of the embeddings.
        hidden: width of the hidden layer.
        out: channels of the latents.
        seconds: how long before; TCC's 15 frames at 30 frames per second.
    """

    def __init__(
        self, dim: int = 192, hidden: int = 192, out: int = 128, seconds: float = 0.5
    ) -> None:
        super().__init__()
        if not seconds > 0:
            raise InputError(f"ContextConv: seconds is {seconds}, expected more than 0")
        self.out, self.seconds = out, seconds
        self.layers = nn.Sequential(nn.Linear(2 * dim, hidden), nn.ReLU(), nn.Linear(hidden, out))

    def forward(self, u: Tensor, view: ViewBatch) -> Tensor:
        """See :class:`ViewHead`.

        Raises:
            InputError: The frame rate is not known.
        """
        if view.fps is None:
            raise InputError(
                "ContextConv: the samples of a batch have no fps, which says what frame is"
                f" {self.seconds:g} s before another; give it in their meta information"
            )
        before = self._places(view.frame_inds, view.fps, view.mask)
        earlier = u.gather(1, before.unsqueeze(-1).expand_as(u))
        latents: Tensor = self.layers(torch.cat([u, earlier], dim=-1))
        return latents

    def _places(self, inds: Tensor, fps: Tensor, mask: Tensor) -> Tensor:
        """Places ``(B, T)`` in the view of the frames that are seen besides."""
        times = inds.masked_fill(~mask, torch.inf)
        wanted = inds - self.seconds * fps.unsqueeze(1) + _ROUNDING
        after = torch.searchsorted(times, wanted.contiguous(), right=True)
        return (after - 1).clamp_min(0)


@MODELS.register_module()
class BatchNormHead(ViewHead):
    """Linear, batch norm, ReLU, linear: the head of CARL (Chen et al., CVPR 2022).

    Padding does not enter the statistics. They are of all frames of a view of a batch.

    Args:
        dim: channels of the embeddings.
        hidden: width of the hidden layer.
        out: channels of the latents.
    """

    def __init__(self, dim: int = 192, hidden: int = 128, out: int = 128) -> None:
        super().__init__()
        self.out = out
        self.layers = nn.Sequential(
            nn.Linear(dim, hidden), nn.BatchNorm1d(hidden), nn.ReLU(), nn.Linear(hidden, out)
        )

    def forward(self, u: Tensor, view: ViewBatch) -> Tensor:
        """See :class:`ViewHead`; 0 where padded.

        Raises:
            InputError: While training, a batch has a single frame, which has no variance.
        """
        if self.training and int(view.mask.sum()) < 2:
            raise InputError(
                "BatchNormHead: a batch has 1 frame in all, expected two or more; make batches"
                " larger, or leave out clips of one frame with train_dataloader.dataset.min_frames"
            )
        packed = self.layers(u[view.mask])
        latents = packed.new_zeros(*view.mask.shape, self.out)
        latents[view.mask] = packed
        return latents
