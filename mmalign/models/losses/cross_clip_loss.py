"""Alignment loss between different clips of one action."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from mmalign.models.data_preprocessor import ViewBatch
from mmalign.models.losses.pair_loss import PairLoss
from mmalign.registry import MODELS
from mmalign.structures import AlignmentDataSample


@MODELS.register_module()
class CrossClipLoss(PairLoss):
    """The alignment loss between views of different clips, which share a time but no performer.

    Views of one clip agree in everything but the augmentation. What two people who do the same
    have in common is learnt from the time that all training clips of an action share, which
    :class:`~mmalign.engine.hooks.CommonTimeHook` finds with the network itself, without labels,
    and puts into ``common_times``. The view 0 of every clip of a batch is matched with the view 1
    of every later one of its action, on every ``stride``-th frame: what many pairs teach is worth
    more than what neighbouring frames do.

    Args:
        loss: config of the loss of a pair, an :class:`~mmalign.models.losses.AlignmentLoss`; its
            unit of time is a frame of a clip of mean length.
        stride: every how many-th frame of a view is matched, from a random one of the first on.
        loss_weight: factor of the loss.

    Attributes:
        common_times: per sample id ``(T,)`` float32, the common time of every frame of the whole
            clip, in frames; empty at first, when the loss is 0.
    """

    def __init__(self, loss: dict, stride: int = 2, loss_weight: float = 1.0) -> None:
        super().__init__(
            "all", frames=dict(sampler="stride", stride=stride), loss_weight=loss_weight
        )
        self.loss_fn = MODELS.build(loss)
        self.common_times: dict[str, Tensor] = {}

    def compute(
        self,
        z: tuple[Tensor, ...],
        views: tuple[ViewBatch, ...],
        samples: Sequence[AlignmentDataSample],
    ) -> Tensor:
        """See :meth:`PairLoss.compute`."""
        return super().compute(z, views, samples) if self.common_times else self.zero(z)

    def may_pair(self, a: AlignmentDataSample, b: AlignmentDataSample) -> bool:
        """Whether two samples are of one action and their common times are known."""
        known = a.sample_id in self.common_times and b.sample_id in self.common_times
        return known and a.action == b.action

    def pair(
        self,
        za: Tensor,
        zb: Tensor,
        ta: Tensor,
        tb: Tensor,
        la: Tensor,
        lb: Tensor,
        ma: Tensor,
        mb: Tensor,
    ) -> Tensor:
        """The alignment loss of pairs of clips; see :meth:`PairLoss.pair`."""
        loss: Tensor = self.loss_fn.match((za, zb), (ta, tb), (ma, mb))
        return self.loss_fn.loss_weight * loss

    def times(self, view: ViewBatch, samples: Sequence[AlignmentDataSample]) -> Tensor:
        """Common times ``(B, T)`` of a view's frames; its own indices where they are not known."""
        rows = []
        for inds, sample in zip(view.frame_inds, samples, strict=True):
            times = self.common_times.get(sample.sample_id)
            if times is None or len(times) < 2:
                rows.append(inds)
                continue
            times = times.to(inds.device)
            low = inds.floor().long().clamp(0, len(times) - 2)
            rows.append(torch.lerp(times[low], times[low + 1], inds - low))
        return torch.stack(rows)
