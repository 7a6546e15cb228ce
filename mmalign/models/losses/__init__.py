"""Losses."""

from .alignment_loss import AlignmentLoss
from .cross_clip_loss import CrossClipLoss
from .pair_loss import PairLoss
from .phase_classification_loss import PhaseClassificationLoss
from .sequence_loss import ClipLoss, SequenceLoss

__all__ = [
    "AlignmentLoss",
    "ClipLoss",
    "CrossClipLoss",
    "PairLoss",
    "PhaseClassificationLoss",
    "SequenceLoss",
]
