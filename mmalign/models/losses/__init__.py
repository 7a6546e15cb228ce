"""Losses."""

from .alignment_loss import AlignmentLoss
from .brownian_bridge_loss import BrownianBridgeLoss
from .cross_clip_loss import CrossClipLoss
from .cycle_consistency_loss import CycleConsistencyLoss
from .gtcc_loss import GTCCLoss
from .lav_loss import ContrastiveIDMLoss, SoftDTWLoss
from .multi_cue_loss import MultiCueLoss
from .order_verification_loss import OrderVerificationLoss
from .pair_loss import PairLoss
from .phase_classification_loss import PhaseClassificationLoss
from .sequence_contrastive_loss import SequenceContrastiveLoss
from .sequence_loss import ClipLoss, SequenceLoss
from .smooth_dtw_loss import SmoothDTWLoss
from .time_contrastive_loss import TimeContrastiveLoss
from .vaot_loss import VAOTLoss
from .vava_loss import VAVALoss

__all__ = [
    "AlignmentLoss",
    "BrownianBridgeLoss",
    "ClipLoss",
    "ContrastiveIDMLoss",
    "CrossClipLoss",
    "CycleConsistencyLoss",
    "GTCCLoss",
    "MultiCueLoss",
    "OrderVerificationLoss",
    "PairLoss",
    "PhaseClassificationLoss",
    "SequenceContrastiveLoss",
    "SequenceLoss",
    "SmoothDTWLoss",
    "SoftDTWLoss",
    "TimeContrastiveLoss",
    "VAOTLoss",
    "VAVALoss",
]
