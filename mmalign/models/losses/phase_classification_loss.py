"""The loss of the supervised twin: what the labels are worth to the same network."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from mmalign.errors import InputError
from mmalign.models.data_preprocessor import ViewBatch
from mmalign.models.losses.sequence_loss import SequenceLoss, in_float32
from mmalign.registry import MODELS
from mmalign.structures import AlignmentDataSample


@MODELS.register_module()
class PhaseClassificationLoss(SequenceLoss):
    """Cross-entropy of the phases of view 0 with their labels, by a linear layer.

    The only loss that looks at labels. The classifier is left behind after training: embeddings
    are scored as those of any other loss.

    Args:
        dim: channels of the latents.
        num_phases: labels are 0 to ``num_phases - 1``.
        actions: names of the actions, each of which has phases of its own; none = all share them.
        loss_weight: factor of the loss.
    """

    def __init__(
        self,
        dim: int = 192,
        num_phases: int = 32,
        actions: Sequence[str] = (),
        loss_weight: float = 1.0,
    ) -> None:
        super().__init__(loss_weight=loss_weight)
        self.actions = tuple(actions)
        self.classifier = nn.Linear(dim, max(1, len(self.actions)) * num_phases)
        self.num_phases = num_phases

    def compute(
        self,
        z: tuple[Tensor, ...],
        views: tuple[ViewBatch, ...],
        samples: Sequence[AlignmentDataSample],
    ) -> Tensor:
        """See :meth:`SequenceLoss.compute`.

        Raises:
            InputError: A sample has no labels, labels out of range, or an unknown action.
        """
        mask = views[0].mask
        logits = self.classifier(in_float32(z[0]))
        logits = logits.unflatten(-1, (-1, self.num_phases))
        rows = torch.tensor([self._row(sample) for sample in samples], device=mask.device)
        own = logits[torch.arange(len(rows), device=mask.device), :, rows]
        labels = torch.cat([sample.labels.to(mask.device) for sample in samples])
        return functional.cross_entropy(own[mask], labels)

    def _row(self, sample: AlignmentDataSample) -> int:
        """Which of the actions' phases a sample has, once its labels are known to be of use."""
        labels = sample.get("labels")
        name = f"PhaseClassificationLoss, clip {sample.sample_id!r}"
        if labels is None:
            raise InputError(
                f"{name}: found no phase labels, expected one per frame; set"
                " train_dataloader.dataset.labelled_only=True"
            )
        if not 0 <= int(labels.min()) <= int(labels.max()) < self.num_phases:
            raise InputError(
                f"{name}: found labels {int(labels.min())} to {int(labels.max())}, expected 0 to"
                f" {self.num_phases - 1}; set num_phases of the loss"
            )
        if not self.actions:
            return 0
        if sample.action not in self.actions:
            raise InputError(
                f"{name}: found the action {sample.action!r}, expected one of"
                f" {', '.join(self.actions)}; set actions of the loss"
            )
        return self.actions.index(sample.action)
