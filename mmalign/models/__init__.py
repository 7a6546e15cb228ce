"""Networks."""

from .aligner import Aligner, BaseAligner
from .data_preprocessor import AlignmentDataPreprocessor, CoordinateDataPreprocessor, ViewBatch
from .encoders import CoordinateEncoder, STGCNEncoder, ViViTEncoder
from .ensemble_aligner import EnsembleAligner
from .fused_aligner import FusedAligner
from .fusion import ConcatFusion
from .heads import BatchNormHead, ContextConv, ProjectionHead
from .layers import CrossAttention
from .losses import AlignmentLoss, ClipLoss, CrossClipLoss, PairLoss, SequenceLoss

__all__ = [
    "AlignmentDataPreprocessor",
    "AlignmentLoss",
    "Aligner",
    "BaseAligner",
    "BatchNormHead",
    "ClipLoss",
    "ConcatFusion",
    "ContextConv",
    "CoordinateDataPreprocessor",
    "CoordinateEncoder",
    "CrossAttention",
    "CrossClipLoss",
    "EnsembleAligner",
    "FusedAligner",
    "PairLoss",
    "ProjectionHead",
    "STGCNEncoder",
    "SequenceLoss",
    "ViViTEncoder",
    "ViewBatch",
]
