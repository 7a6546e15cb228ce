"""Alignment loss between different clips of one action."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import torch
from torch import Tensor, nn

from mmalign.models.data_preprocessor import ViewBatch
from mmalign.registry import MODELS
from mmalign.structures import AlignmentDataSample


@MODELS.register_module()
class CrossClipLoss(nn.Module):
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
        super().__init__()
        self.loss_fn = MODELS.build(loss)
        self.stride, self.loss_weight = stride, loss_weight
        self.common_times: dict[str, Tensor] = {}

    def forward(
        self,
        z: tuple[Tensor, Tensor],
        views: tuple[ViewBatch, ViewBatch],
        samples: Sequence[AlignmentDataSample],
    ) -> Tensor:
        """Loss of a batch.

        Args:
            z: latents of view 0 ``(B, M, D)`` and view 1 ``(B, N, D)``.
            views: both views.
            samples: ``B`` samples, with ``sample_id`` and ``action``.

        Returns:
            A scalar.
        """
        pairs = self._pairs(samples)
        if not pairs:
            return z[0].sum() * 0.0
        chosen = torch.tensor(pairs, device=z[0].device).T
        parts = []
        for one, view, of_pair in zip(z, views, chosen, strict=True):
            # Every sequence keeps a frame, however short.
            first = int(torch.randint(min(self.stride, int(view.mask.sum(1).min())), ()))
            kept = slice(first, None, self.stride)
            times = self._times(view, samples)
            parts.append([values[of_pair, kept] for values in (one, times, view.mask)])
        loss: Tensor = self.loss_fn(*zip(*parts, strict=True))
        return self.loss_weight * loss

    def _pairs(self, samples: Sequence[AlignmentDataSample]) -> list[tuple[int, int]]:
        """Every two samples of one action whose common times are known."""
        known = [i for i, sample in enumerate(samples) if sample.sample_id in self.common_times]
        return [(a, b) for a, b in combinations(known, 2) if samples[a].action == samples[b].action]

    def _times(self, view: ViewBatch, samples: Sequence[AlignmentDataSample]) -> Tensor:
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
