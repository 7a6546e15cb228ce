"""The loss of GTCC between two clips."""

from __future__ import annotations

from typing import Any

import torch
from mmengine.logging import MessageHub
from torch import Tensor, nn

from mmalign.errors import InputError, check_at_least
from mmalign.functional.frame_sampling import FrameSampler
from mmalign.functional.gtcc import (
    cycle_margin,
    droppable,
    fit_mixtures,
    match_by_distance,
    mixture_cycle_errors,
    standardised,
)
from mmalign.models.losses.pair_loss import PairLoss
from mmalign.registry import MODELS


@MODELS.register_module()
class GTCCLoss(PairLoss):
    """Generalised temporal cycle consistency (Donahue and Elhamifar, CVPR 2024).

    For repeated actions and frames without a counterpart. Latents are not to have norm 1. Mixtures
    are fitted by EM (see :func:`~mmalign.functional.gtcc.fit_mixtures`), errors are in lengths of
    the clip, and means taken in the place of sums, so that a step does not depend on how long clips
    are.

    Args:
        components: Gaussians of a match; 5 in the authors' simple setting, 15 in the egocentric.
        num_starts: random frames of each first clip that cycles begin at.
        temperature: what distances are divided by.
        delta: width of the margin in which cycles end as a share of the clip; 1 = everywhere.
        gamma: 1 = all frames have counterparts; below, a network per clip says which have, and is
            trusted more after each epoch e: by 1 - gamma^(e + 1).
        dim: channels of the latents, if gamma is below 1.
        variance_weight: weight of the logarithm of the standard deviation of the end of a cycle.
        rounds: of EM.
        pairs: see :class:`~mmalign.models.losses.PairLoss`.
        **options: arguments of :class:`~mmalign.models.losses.PairLoss`.

    Raises:
        InputError: An argument is out of its range.
    """

    def __init__(
        self,
        components: int = 5,
        num_starts: int = 20,
        temperature: float = 0.1,
        delta: float = 0.5,
        gamma: float = 1.0,
        dim: int = 128,
        variance_weight: float = 0.0,
        rounds: int = 8,
        pairs: str = "ordered",
        **options: Any,
    ) -> None:
        super().__init__(pairs, **options)
        for name, count in dict(components=components, rounds=rounds).items():
            check_at_least(name, count, 1)
        if not temperature > 0:
            raise InputError(f"temperature is {temperature}, expected a number above 0")
        for name, share in dict(delta=delta, gamma=gamma).items():
            if not 0 < share <= 1:
                raise InputError(f"{name} is {share}, expected a number above 0, at most 1")
        self.components, self.rounds, self.delta, self.gamma = components, rounds, delta, gamma
        self.temperature, self.variance_weight = temperature, variance_weight
        self.starts = FrameSampler("uniform", num_starts)
        self.direction: nn.Sequential | None = None
        if gamma < 1:
            self.direction = nn.Sequential(nn.Linear(dim, dim), nn.ReLU(), nn.Linear(dim, dim + 1))

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
        counts = ma.sum(1)
        positions, drawn = (part.to(za.device) for part in self.starts.draw(counts.cpu()))
        before = (torch.rand(len(za)) < 0.5).to(za.device)
        start = za.gather(1, positions.unsqueeze(2).expand(-1, -1, za.shape[2]))
        match = match_by_distance(start, zb, mb, self.temperature)
        mixtures = fit_mixtures(match, mb, self.components, self.rounds)
        margin = cycle_margin(positions, ma, self.delta, before)
        errors = mixture_cycle_errors(
            (za, zb), positions, *mixtures, margin, self.temperature, self.variance_weight
        )
        if self.direction is not None:
            errors = droppable(errors, self._kept(za, zb, ma, mb).gather(1, positions), self.share)
        errors = errors / counts.unsqueeze(1) ** 2
        return torch.where(drawn, errors, 0.0).sum() / drawn.sum()

    @property
    def share(self) -> float:
        """Part of every frame that is kept in any case in this epoch."""
        epoch: int = MessageHub.get_current_instance().get_info("epoch", 0)
        return self.gamma ** (epoch + 1)

    def _kept(self, za: Tensor, zb: Tensor, ma: Tensor, mb: Tensor) -> Tensor:
        """Logits ``(P, N)`` that frames of the first clips have counterparts in the second."""
        assert self.direction is not None
        if za.shape[2] != self.direction[0].in_features:
            raise InputError(
                f"GTCCLoss: latents have {za.shape[2]} channels, expected"
                f" dim={self.direction[0].in_features}; set dim to what the head gives"
            )
        direction = self.direction(zb) * mb.unsqueeze(2)
        direction = direction.sum(1) / mb.sum(1, keepdim=True)
        logits = (za @ direction[:, :-1, None]).squeeze(2) + direction[:, -1:]
        return standardised(logits, ma)
