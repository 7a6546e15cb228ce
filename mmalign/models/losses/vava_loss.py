"""The loss of VAVA between two clips."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from mmalign.errors import InputError, check_at_least
from mmalign.functional.matching import pairwise_distance
from mmalign.functional.vava import (
    FORMS,
    contrast_between,
    contrast_within,
    transport_loss,
    weight_of_consistency,
)
from mmalign.models.losses.pair_loss import PairLoss
from mmalign.registry import MODELS

_FRAMES = dict(sampler="segment", num_frames=32)


@MODELS.register_module()
class VAVALoss(PairLoss):
    """Transport with temporal priors and two contrasts, as in VAVA (Liu et al., CVPR 2022).

    Latents are not to have norm 1: ``zeta`` and ``margin`` are on their scale. In the paper's form
    the cost of the transport is divided by the number of channels, of which the contrasts are
    means: else it outweighs them, and all frames collapse to one point.

    Args:
        form: ``'paper'`` or ``'ae2'``, see :mod:`mmalign.functional.vava`.
        zeta: squared distance of the virtual frame.
        margin: mean squared difference of channels from which frames of a clip are not alike.
        window: frames of a clip at most so many places apart are near, of those that enter.
        width: standard deviation of the Gaussian priors in distances of frames.
        smoothness: lambda_1 over N + M.
        entropy: lambda_2 over N M / 4.
        iterations: of Sinkhorn.
        weights: of the contrast within clips, the transport, and the contrast between clips.
        pairs: see :class:`~mmalign.models.losses.PairLoss`.
        frames: see :class:`~mmalign.models.losses.SequenceLoss`; None = 32, ``'segment'``.
        **options: arguments of :class:`~mmalign.models.losses.PairLoss`.

    Attributes:
        step: batches that it was trained on; the priors change with it.

    Raises:
        InputError: An argument is out of its range.
    """

    step: Tensor

    def __init__(
        self,
        form: str = "paper",
        zeta: float = 0.5,
        margin: float = 2.0,
        window: int = 15,
        width: float = 2.0,
        smoothness: float = 1.0,
        entropy: float = 0.1,
        iterations: int = 20,
        weights: tuple[float, float, float] = (0.5, 1.0, 1.0),
        pairs: str = "random_partner",
        frames: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(pairs, frames=frames or _FRAMES, **options)
        if form not in FORMS:
            raise InputError(f"form is {form!r}, expected one of {', '.join(FORMS)}")
        for name, value in dict(width=width, entropy=entropy).items():
            if not value > 0:
                raise InputError(f"{name} is {value}, expected a number above 0")
        check_at_least("iterations", iterations, 1)
        if len(weights) != 3:
            raise InputError(f"weights is {weights}, expected three: within, transport, between")
        self.form, self.margin, self.window, self.weights = form, margin, window, tuple(weights)
        self.transport: dict[str, Any] = dict(
            zeta=zeta, width=width, smoothness=smoothness, entropy=entropy, iterations=iterations
        )
        self.register_buffer("step", torch.zeros((), dtype=torch.long))

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
        phi = weight_of_consistency(self.step)
        if self.training:
            self.step += 1
        squared = pairwise_distance(za, zb, "sqeuclidean", "none")
        cost, match = transport_loss(squared, (ma, mb), phi, self.form, **self.transport)
        cost = cost / (ma.sum(1) * mb.sum(1) if self.form == "ae2" else za.shape[2])
        within = [contrast_within(z, m, self.margin, self.window) for z, m in ((za, ma), (zb, mb))]
        between = contrast_between(squared, match, (ma, mb), za.shape[2], self.form)
        terms = torch.stack([within[0] + within[1], cost, between]).mean(1)
        return terms @ terms.new_tensor(self.weights)
