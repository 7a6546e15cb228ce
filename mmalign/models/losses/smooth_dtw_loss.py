"""Smooth-DTW losses between two clips."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from mmalign.errors import InputError
from mmalign.functional.smooth_dtw import (
    cycle_cross_entropy,
    half_of,
    reverse_in_time,
    smooth_dtw,
)
from mmalign.functional.soft_dtw import RELAXATIONS
from mmalign.models.losses.pair_loss import PairLoss
from mmalign.registry import MODELS

_FRAMES = dict(sampler="segment", num_frames=20)


@MODELS.register_module()
class SmoothDTWLoss(PairLoss):
    """D2TW, the discriminative smooth DTW, and what is built on it.

    Alone it is D2TW; with ``consistency``, GTA (both Hadji et al., CVPR 2021); with
    ``reversed_weight``, the contrast of AE2 (Xue and Grauman, NeurIPS 2023) with a clip that runs
    backwards. Latents are meant to have norm 1: ``ProjectionHead(normalize=True)``. Costs grow with
    the length of a path: AE2's ``loss_weight`` is 0.01, and its margin 100 times smaller.

    Args:
        temperature: what scalar products are divided by.
        gamma: softness of the minimum, see :func:`~mmalign.functional.soft_dtw.soft_dtw_table`.
        relaxation: ``'prob'`` or ``'soft_min'``, see there.
        consistency: add the cycle from the first clip to the second and back to a tenth of D2TW in
            both directions.
        label_smoothing: of the labels of the cycle.
        reversed_weight: weight of the contrast with the second clip reversed; 0 = none.
        margin: by how much the reversed clip is to cost more.
        halves: take the first or the second half of both clips for that contrast, by a coin for
            each pair: for actions that end where they begin.
        pairs: see :class:`~mmalign.models.losses.PairLoss`.
        frames: see :class:`~mmalign.models.losses.SequenceLoss`; None = 20, ``'segment'``.
        **options: arguments of :class:`~mmalign.models.losses.PairLoss`.

    Raises:
        InputError: An argument is out of its range.
    """

    def __init__(
        self,
        temperature: float = 0.1,
        gamma: float = 0.1,
        relaxation: str = "prob",
        consistency: bool = False,
        label_smoothing: float = 0.1,
        reversed_weight: float = 0.0,
        margin: float = 0.0,
        halves: bool = False,
        pairs: str = "random_partner",
        frames: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(pairs, frames=frames or _FRAMES, **options)
        for name, value in dict(temperature=temperature, gamma=gamma).items():
            if not value > 0:
                raise InputError(f"{name} is {value}, expected a number above 0")
        if relaxation not in RELAXATIONS:
            raise InputError(
                f"relaxation is {relaxation!r}, expected one of {', '.join(RELAXATIONS)}"
            )
        if not 0 <= label_smoothing < 1:
            raise InputError(
                f"label_smoothing is {label_smoothing}, expected a number from 0 to below 1"
            )
        self.table: dict[str, Any] = dict(
            temperature=temperature, gamma=gamma, relaxation=relaxation
        )
        self.consistency, self.label_smoothing = consistency, label_smoothing
        self.reversed_weight, self.margin, self.halves = reversed_weight, margin, halves

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
        """See :meth:`PairLoss.pair`."""
        z, masks = (za, zb), (ma, mb)
        costs, there = smooth_dtw(z, masks, **self.table)
        contrast = costs.new_zeros(())
        if self.reversed_weight:
            parts, theirs = self.contrasted(z, masks)
            forwards = smooth_dtw(parts, theirs, **self.table)[0]
            turned = parts[0], reverse_in_time(parts[1], theirs[1])
            backwards = smooth_dtw(turned, theirs, **self.table)[0]
            contrast = self.reversed_weight * (forwards - backwards + self.margin).relu().mean()
            costs = torch.cat([costs, forwards])
        loss = costs.mean()
        if self.consistency:
            other, back = smooth_dtw(z[::-1], masks[::-1], **self.table)
            cycle = cycle_cross_entropy((there, back), masks, self.label_smoothing)
            loss = cycle + 0.1 * (loss + other.mean())
        return loss + contrast

    def contrasted(
        self, z: tuple[Tensor, ...], masks: tuple[Tensor, ...]
    ) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...]]:
        """Latents and masks of the frames that are compared with the second clip's reverse."""
        if not self.halves:
            return z, masks
        second = (torch.rand(len(z[0])) < 0.5).to(z[0].device)
        (za, ma), (zb, mb) = (half_of(*one, second) for one in zip(z, masks, strict=True))
        return (za, zb), (ma, mb)
