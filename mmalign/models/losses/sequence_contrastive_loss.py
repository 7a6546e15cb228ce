"""The loss of CARL between two views of a clip."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from mmalign.errors import InputError
from mmalign.functional.sequence_contrast import NEGATIVES, sequence_contrast
from mmalign.models.losses.pair_loss import PairLoss
from mmalign.registry import MODELS


@MODELS.register_module()
class SequenceContrastiveLoss(PairLoss):
    """The sequence contrastive loss (SCL) of CARL (Chen et al., CVPR 2022).

    What a frame's match in the other view of its clip is to be is a Gaussian about the frame's own
    time. Latents are meant to have norm 1: ``ProjectionHead(normalize=True)``.

    Args:
        temperature: what scalar products of latents are divided by.
        variance: of the Gaussian, in squared ``time_unit``: 10 squared frames at 30 frames per
            second are 0.011 squared seconds.
        negatives: see :func:`~mmalign.functional.sequence_contrast.sequence_contrast`.
        **options: arguments of :class:`~mmalign.models.losses.SequenceLoss`.

    Raises:
        InputError: An argument is out of its range.
    """

    def __init__(
        self,
        temperature: float = 0.1,
        variance: float = 10.0,
        negatives: str = "single_noself",
        **options: Any,
    ) -> None:
        super().__init__("views", **options)
        for name, value in (("temperature", temperature), ("variance", variance)):
            if not value > 0:
                raise InputError(f"{name} is {value}, expected a number above 0")
        if negatives not in NEGATIVES:
            raise InputError(f"negatives is {negatives!r}, expected one of {', '.join(NEGATIVES)}")
        self.temperature, self.variance, self.negatives = temperature, variance, negatives

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
        views = (za, zb), (ta, tb), (ma, mb), (la, lb)
        return sequence_contrast(*views, self.temperature, self.variance, self.negatives)
