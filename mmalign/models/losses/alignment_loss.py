"""Alignment loss between two views (LA2DS, Eq. 3 and 4)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from mmalign.functional.matching import (
    DISTANCES,
    SCALES,
    contrastive_regression,
    expected_squared_error,
    pairwise_distance,
    soft_label_cross_entropy,
)
from mmalign.models.data_preprocessor import ViewBatch
from mmalign.models.losses.sequence_loss import SequenceLoss
from mmalign.registry import MODELS
from mmalign.structures import AlignmentDataSample

OBJECTIVES = ("regression", "expected_error", "soft_label")


@MODELS.register_module()
class AlignmentLoss(SequenceLoss):
    """Contrastive regression of frame positions, with what the paper leaves open as options.

    The defaults did best, or no worse than others, on held-out training clips
    (docs/results/holdout_loss_*); docs/design.md says where they depart from the paper.

    Args:
        objective: ``'regression'`` (Eq. 4), ``'expected_error'`` (Eq. 4 plus the variance of the
            match), ``'soft_label'`` (cross-entropy against a Gaussian about the true match, as in
            CARL), or weights of several, ``{name: weight}``.
        temperature: lambda of Eq. 3.
        learn_temperature: make log(lambda) a parameter.
        distance: see :func:`~mmalign.functional.matching.pairwise_distance`.
        scale: see there.
        normalize: positions in lengths of the sequence (not for soft_label).
        symmetric: the mean of both directions; else only view 1 is matched to view 0, as in the
            paper.
        label_std: width of the Gaussian in original frames (soft_label only).
        loss_weight: factor of the loss.
    """

    num_views = 2

    def __init__(
        self,
        objective: str | dict[str, float] = "regression",
        temperature: float = 0.1,
        learn_temperature: bool = False,
        distance: str = "euclidean",
        scale: str = "sqrt_dim",
        normalize: bool = True,
        symmetric: bool = True,
        label_std: float = 1.0,
        loss_weight: float = 1.0,
    ) -> None:
        super().__init__(loss_weight=loss_weight)
        self.objectives = {objective: 1.0} if isinstance(objective, str) else dict(objective)
        for name, value, known in (
            *(("objective", name, OBJECTIVES) for name in self.objectives),
            ("distance", distance, DISTANCES),
            ("scale", scale, SCALES),
        ):
            if value not in known:
                raise ValueError(f"{name} must be one of {known}, found {value!r}")
        if not temperature > 0:
            raise ValueError(f"temperature must be positive, found {temperature}")
        self.distance, self.scale = distance, scale
        self.normalize, self.symmetric, self.label_std = normalize, symmetric, label_std
        self.log_temperature = nn.Parameter(
            torch.tensor(float(temperature)).log(), requires_grad=learn_temperature
        )

    def compute(
        self,
        z: tuple[Tensor, ...],
        views: tuple[ViewBatch, ...],
        samples: Sequence[AlignmentDataSample],
    ) -> Tensor:
        """See :meth:`SequenceLoss.compute`; the samples are not looked at."""
        a, b = views[:2]
        return self.match((z[0], z[1]), (a.frame_inds, b.frame_inds), (a.mask, b.mask))

    def match(
        self, z: tuple[Tensor, Tensor], inds: tuple[Tensor, Tensor], masks: tuple[Tensor, Tensor]
    ) -> Tensor:
        """Mean loss of pairs of sequences, without its weight.

        Args:
            z: latents ``(B, M, D)`` and ``(B, N, D)``.
            inds: ``frame_inds`` of both, ``(B, M)`` and ``(B, N)``, or what else says which frames
                belong together.
            masks: true on real frames, ``(B, M)`` and ``(B, N)``.

        Returns:
            A scalar.
        """
        distances = pairwise_distance(z[0].float(), z[1].float(), self.distance, self.scale)
        loss = self._directed(distances, inds, masks)
        if self.symmetric:
            turned = distances.transpose(1, 2)
            back = self._directed(turned, (inds[1], inds[0]), (masks[1], masks[0]))
            loss = (loss + back) / 2
        return loss.mean()

    def _directed(
        self, distances: Tensor, inds: tuple[Tensor, Tensor], masks: tuple[Tensor, Tensor]
    ) -> Tensor:
        temperature = self.log_temperature.exp()
        views = (distances, *inds, *masks, temperature)
        loss = distances.new_zeros(len(distances))
        for name, weight in self.objectives.items():
            if name == "soft_label":
                term = soft_label_cross_entropy(*views, self.label_std)
            elif name == "expected_error":
                term = expected_squared_error(*views, self.normalize)
            else:
                term = contrastive_regression(*views, self.normalize)
            loss = loss + weight * term
        return loss
