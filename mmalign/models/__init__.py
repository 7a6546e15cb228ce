"""Networks."""

from .aligner import Aligner, BaseAligner
from .cue_aligner import CueAligner
from .data_preprocessor import AlignmentDataPreprocessor, CoordinateDataPreprocessor, ViewBatch
from .encoders import CoordinateEncoder, MotionEncoder, STGCNEncoder, ViViTEncoder
from .ensemble_aligner import EnsembleAligner
from .fused_aligner import FusedAligner
from .fusion import ConcatFusion
from .heads import BatchNormHead, ContextConv, ProjectionHead
from .layers import CrossAttention
from .losses import (
    AlignmentLoss,
    BrownianBridgeLoss,
    ClipLoss,
    ContrastiveIDMLoss,
    CrossClipLoss,
    CycleConsistencyLoss,
    GTCCLoss,
    MultiCueLoss,
    OrderVerificationLoss,
    PairLoss,
    PhaseClassificationLoss,
    SequenceContrastiveLoss,
    SequenceLoss,
    SmoothDTWLoss,
    SoftDTWLoss,
    TimeContrastiveLoss,
    VAOTLoss,
    VAVALoss,
)

__all__ = [
    "Aligner",
    "AlignmentDataPreprocessor",
    "AlignmentLoss",
    "BaseAligner",
    "BatchNormHead",
    "BrownianBridgeLoss",
    "ClipLoss",
    "ConcatFusion",
    "ContextConv",
    "ContrastiveIDMLoss",
    "CoordinateDataPreprocessor",
    "CoordinateEncoder",
    "CrossAttention",
    "CrossClipLoss",
    "CueAligner",
    "CycleConsistencyLoss",
    "EnsembleAligner",
    "FusedAligner",
    "GTCCLoss",
    "MotionEncoder",
    "MultiCueLoss",
    "OrderVerificationLoss",
    "PairLoss",
    "PhaseClassificationLoss",
    "ProjectionHead",
    "STGCNEncoder",
    "SequenceContrastiveLoss",
    "SequenceLoss",
    "SmoothDTWLoss",
    "SoftDTWLoss",
    "TimeContrastiveLoss",
    "VAOTLoss",
    "VAVALoss",
    "ViViTEncoder",
    "ViewBatch",
]
