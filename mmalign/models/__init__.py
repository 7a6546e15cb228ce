"""Networks."""

from .aligner import Aligner, BaseAligner
from .cue_aligner import CueAligner
from .data_preprocessor import AlignmentDataPreprocessor, CoordinateDataPreprocessor, ViewBatch
from .encoders import CoordinateEncoder, STGCNEncoder, ViViTEncoder
from .ensemble_aligner import EnsembleAligner
from .fused_aligner import FusedAligner
from .fusion import ConcatFusion
from .heads import ProjectionHead
from .layers import CrossAttention
from .losses import AlignmentLoss, ClipLoss, CrossClipLoss, PairLoss, SequenceLoss

__all__ = [
    "AlignmentDataPreprocessor",
    "AlignmentLoss",
    "Aligner",
    "BaseAligner",
    "ClipLoss",
    "ConcatFusion",
    "CoordinateDataPreprocessor",
    "CoordinateEncoder",
    "CrossAttention",
    "CrossClipLoss",
    "CueAligner",
    "EnsembleAligner",
    "FusedAligner",
    "PairLoss",
    "ProjectionHead",
    "STGCNEncoder",
    "SequenceLoss",
    "ViViTEncoder",
    "ViewBatch",
]
