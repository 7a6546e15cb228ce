"""Networks."""

from .aligner import Aligner, BaseAligner
from .data_preprocessor import AlignmentDataPreprocessor, CoordinateDataPreprocessor, ViewBatch
from .encoders import CoordinateEncoder, STGCNEncoder, ViViTEncoder
from .ensemble_aligner import EnsembleAligner
from .fused_aligner import FusedAligner
from .fusion import ConcatFusion
from .heads import ProjectionHead
from .layers import CrossAttention
from .losses import (
    AlignmentLoss,
    ClipLoss,
    ContrastiveIDMLoss,
    CrossClipLoss,
    CycleConsistencyLoss,
    OrderVerificationLoss,
    PairLoss,
    SequenceLoss,
    SoftDTWLoss,
    TimeContrastiveLoss,
)

__all__ = [
    "AlignmentDataPreprocessor",
    "AlignmentLoss",
    "Aligner",
    "BaseAligner",
    "ClipLoss",
    "ConcatFusion",
    "ContrastiveIDMLoss",
    "CoordinateDataPreprocessor",
    "CoordinateEncoder",
    "CrossAttention",
    "CrossClipLoss",
    "CycleConsistencyLoss",
    "EnsembleAligner",
    "FusedAligner",
    "OrderVerificationLoss",
    "PairLoss",
    "ProjectionHead",
    "STGCNEncoder",
    "SequenceLoss",
    "SoftDTWLoss",
    "TimeContrastiveLoss",
    "ViViTEncoder",
    "ViewBatch",
]
