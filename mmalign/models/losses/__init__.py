"""Losses."""

from .alignment_loss import AlignmentLoss
from .cross_clip_loss import CrossClipLoss
from .cycle_consistency_loss import CycleConsistencyLoss
from .lav_loss import ContrastiveIDMLoss, SoftDTWLoss
from .order_verification_loss import OrderVerificationLoss
from .pair_loss import PairLoss
from .sequence_loss import ClipLoss, SequenceLoss
from .time_contrastive_loss import TimeContrastiveLoss

__all__ = [
    "AlignmentLoss",
    "ClipLoss",
    "ContrastiveIDMLoss",
    "CrossClipLoss",
    "CycleConsistencyLoss",
    "OrderVerificationLoss",
    "PairLoss",
    "SequenceLoss",
    "SoftDTWLoss",
    "TimeContrastiveLoss",
]
