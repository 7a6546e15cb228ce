"""Losses."""

from .alignment_loss import AlignmentLoss
from .brownian_bridge_loss import BrownianBridgeLoss
from .cross_clip_loss import CrossClipLoss
from .multi_cue_loss import MultiCueLoss
from .pair_loss import PairLoss
from .sequence_contrastive_loss import SequenceContrastiveLoss
from .sequence_loss import ClipLoss, SequenceLoss
from .smooth_dtw_loss import SmoothDTWLoss
from .vaot_loss import VAOTLoss
from .vava_loss import VAVALoss

__all__ = [
    "AlignmentLoss",
    "BrownianBridgeLoss",
    "ClipLoss",
    "CrossClipLoss",
    "MultiCueLoss",
    "PairLoss",
    "SequenceContrastiveLoss",
    "SequenceLoss",
    "SmoothDTWLoss",
    "VAOTLoss",
    "VAVALoss",
]
