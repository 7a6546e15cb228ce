"""Time-contrastive network, of one view (TCN)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from mmalign.errors import InputError
from mmalign.functional.time_contrast import earlier_frames, n_pairs
from mmalign.models.data_preprocessor import ViewBatch
from mmalign.models.losses.sequence_loss import SequenceLoss
from mmalign.registry import MODELS
from mmalign.structures import AlignmentDataSample


@MODELS.register_module()
class TimeContrastiveLoss(SequenceLoss):
    """A frame is to be nearer to one just before it than to those before other frames.

    TCN of one view (Sermanet et al., ICRA 2018) with n-pairs, as in TCC's code and CARL's. The
    mean is over clips, and over views if there are several.

    Args:
        window: how much earlier the positive of a frame is at the most, in ``time_unit``.
        regularization: weight of the embeddings' squared norms.
        frames: how anchors are drawn, see :class:`~mmalign.models.losses.SequenceLoss`; None = 20,
            ``'uniform'``. Positives are of the whole embedded clip.
        **options: arguments of :class:`~mmalign.models.losses.SequenceLoss`.

    Raises:
        InputError: An argument is out of its range.
    """

    def __init__(
        self,
        window: float = 5.0,
        regularization: float = 0.002,
        frames: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(frames=frames or dict(sampler="uniform", num_frames=20), **options)
        if not window > 0:
            raise InputError(f"window is {window}, expected a positive number")
        self.window, self.regularization = window, regularization

    def compute(
        self,
        z: tuple[Tensor, ...],
        views: tuple[ViewBatch, ...],
        samples: Sequence[AlignmentDataSample],
    ) -> Tensor:
        """See :meth:`SequenceLoss.compute`."""
        parts = [self._view(one, view, samples) for one, view in zip(z, views, strict=True)]
        return torch.stack(parts).mean()

    def _view(self, z: Tensor, view: ViewBatch, samples: Sequence[AlignmentDataSample]) -> Tensor:
        drawn = self.frames.draw(view.mask.sum(1).cpu())
        places, mask = (part.to(z.device) for part in drawn)
        before = earlier_frames(places, self.times(view, samples), view.mask, self.window)
        anchors, positives = (
            self.prepared(z.gather(1, index.unsqueeze(2).expand(-1, -1, z.shape[2])))
            for index in (places, before)
        )
        return n_pairs(anchors, positives, mask, self.regularization).mean()
