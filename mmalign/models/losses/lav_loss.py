"""The two terms of LAV: soft-DTW between clips and a contrast within each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from mmalign.errors import InputError
from mmalign.functional.matching import pairwise_distance
from mmalign.functional.soft_dtw import soft_dtw
from mmalign.functional.time_contrast import contrastive_idm
from mmalign.models.losses.pair_loss import PairLoss
from mmalign.models.losses.sequence_loss import ClipLoss
from mmalign.registry import MODELS

_FRAMES = dict(sampler="segment", num_frames=20)


@MODELS.register_module()
class SoftDTWLoss(PairLoss):
    """The soft cost of the monotone alignment of two clips from end to end, per frame.

    LAV (Haresh et al., CVPR 2021) is this and :class:`ContrastiveIDMLoss`, without which all frames
    collapse to one point. Latents are to be of norm 1.

    Args:
        gamma: softness, in squared distances.
        divergence: minus half of the costs of aligning each clip with itself: 0 for equal clips.
        pairs: see :class:`~mmalign.models.losses.PairLoss`.
        frames: see :class:`~mmalign.models.losses.SequenceLoss`; None = 20, ``'segment'``. The sum
            over a path is divided by its ``num_frames``, whatever the sampler.
        **options: arguments of :class:`~mmalign.models.losses.PairLoss`.

    Raises:
        InputError: gamma is not positive, or an option is out of its range.
    """

    def __init__(
        self,
        gamma: float = 0.1,
        divergence: bool = False,
        pairs: str = "random_partner",
        frames: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(pairs, frames=frames or _FRAMES, **options)
        if not gamma > 0:
            raise InputError(f"gamma is {gamma}, expected a positive number")
        self.gamma, self.divergence = gamma, divergence

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
        """Mean over the pairs; see :meth:`PairLoss.pair`."""
        loss = self._cost(za, zb, ma, mb)
        if self.divergence:
            loss = loss - (self._cost(za, za, ma, ma) + self._cost(zb, zb, mb, mb)) / 2
        return loss.mean() / self.frames.num_frames

    def _cost(self, za: Tensor, zb: Tensor, ma: Tensor, mb: Tensor) -> Tensor:
        costs = pairwise_distance(za, zb, "sqeuclidean", "none")
        return soft_dtw(costs, ma.sum(1), mb.sum(1), self.gamma)


@MODELS.register_module()
class ContrastiveIDMLoss(ClipLoss):
    """Frames of a clip that are near in time attract each other, others are pushed apart.

    Of LAV; see :func:`~mmalign.functional.time_contrast.contrastive_idm`. LAV adds it up over both
    clips of a pair, with a factor of 0.5 each: that is a ``loss_weight`` of 1 here, where it is the
    mean over clips.

    Args:
        sigma: how far apart frames that attract each other are at the most, in ``time_unit``.
        margin: squared distance from which on frames do not push each other.
        frames: as of :class:`SoftDTWLoss`.
        **options: arguments of :class:`~mmalign.models.losses.SequenceLoss`.

    Raises:
        InputError: An argument is out of its range.
    """

    def __init__(
        self,
        sigma: float = 10.0,
        margin: float = 2.0,
        frames: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(frames=frames or _FRAMES, **options)
        for name, value in (("sigma", sigma), ("margin", margin)):
            if not value >= 0:
                raise InputError(f"{name} is {value}, expected a number of at least 0")
        self.sigma, self.margin = sigma, margin

    def clip(self, z: Tensor, t: Tensor, lengths: Tensor, m: Tensor) -> Tensor:
        """Mean over the clips; see :meth:`ClipLoss.clip`."""
        loss = contrastive_idm(z, t, lengths, m, self.sigma, self.margin)
        return loss.mean() / self.frames.num_frames
