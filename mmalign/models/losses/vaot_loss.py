"""The loss of VAOT between two clips."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from mmalign.errors import InputError, check_at_least
from mmalign.functional.vaot import label_cross_entropy, pseudo_labels
from mmalign.models.losses.pair_loss import PairLoss
from mmalign.registry import MODELS

PRIORS = ("order", "time")


_FRAMES = dict(sampler="segment", num_frames=20)


@MODELS.register_module()
class VAOTLoss(PairLoss):
    """Cross-entropy against pseudo-labels by optimal transport, as in VAOT (Ali et al., ICCV 2025).

    Latents are meant to have norm 1: ``ProjectionHead(normalize=True)``. The authors' ``radius`` is
    0.02, with which 20 frames have no neighbours, and their structure does not enter.

    Args:
        temperature: what cosines are divided by.
        rho: weight of how far apart two frames are in their clips.
        prior: what that is measured by: the frames' places among those that enter the loss
            (``'order'``) or their times in lengths of the whole clips (``'time'``).
        zeta: cost of matching a frame to none.
        radius: how far neighbours are apart at most, as a share of the frames that enter.
        alpha: weight of the structure, in [0, 1].
        epsilon: weight of the entropy.
        iterations: of the transport.
        rounds: of Sinkhorn in each of them.
        balance: if given, how far the frames of the second clip are to have equal shares.
        symmetric: the mean of both directions; else the second clip labels the first alone.
        pairs: see :class:`~mmalign.models.losses.PairLoss`.
        frames: see :class:`~mmalign.models.losses.SequenceLoss`; None = 20, ``'segment'``.
        **options: arguments of :class:`~mmalign.models.losses.PairLoss`.

    Raises:
        InputError: An argument is out of its range.
    """

    def __init__(
        self,
        temperature: float = 0.1,
        rho: float = 0.35,
        prior: str = "order",
        zeta: float = 0.5,
        radius: float = 0.1,
        alpha: float = 0.3,
        epsilon: float = 0.07,
        iterations: int = 25,
        rounds: int = 1,
        balance: float | None = None,
        symmetric: bool = False,
        pairs: str = "random_partner",
        frames: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(pairs, frames=frames or _FRAMES, **options)
        for name, value in dict(temperature=temperature, radius=radius, epsilon=epsilon).items():
            if not value > 0:
                raise InputError(f"{name} is {value}, expected a number above 0")
        for name, count in dict(iterations=iterations, rounds=rounds).items():
            check_at_least(name, count, 1)
        if not 0 <= alpha <= 1:
            raise InputError(f"alpha is {alpha}, expected a number from 0 to 1")
        if prior not in PRIORS:
            raise InputError(f"prior is {prior!r}, expected one of {', '.join(PRIORS)}")
        self.temperature, self.prior, self.symmetric = temperature, prior, symmetric
        self.costs = dict(rho=rho, zeta=zeta)
        self.transport: dict[str, Any] = dict(
            radius=radius,
            alpha=alpha,
            epsilon=epsilon,
            iterations=iterations,
            rounds=rounds,
            balance=balance,
        )

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
        similarity = za @ zb.transpose(1, 2)
        places, masks = (self._places(ta, la, ma), self._places(tb, lb, mb)), (ma, mb)
        loss = self._directed(similarity, places, masks)
        if self.symmetric:
            back = self._directed(similarity.transpose(1, 2), places[::-1], masks[::-1])
            loss = (loss + back) / 2
        return loss.mean()

    def _places(self, t: Tensor, length: Tensor, mask: Tensor) -> Tensor:
        if self.prior == "time":
            return t / length.unsqueeze(1)
        return torch.arange(t.shape[1], device=t.device) / mask.sum(1, keepdim=True)

    def _directed(
        self, similarity: Tensor, places: tuple[Tensor, ...], masks: tuple[Tensor, ...]
    ) -> Tensor:
        labels = pseudo_labels(similarity, places, masks, **self.costs, **self.transport)
        return label_cross_entropy(similarity, labels, masks, self.temperature)
