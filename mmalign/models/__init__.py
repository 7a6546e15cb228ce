"""Networks."""

from .aligner import Aligner
from .data_preprocessor import AlignmentDataPreprocessor, CoordinateDataPreprocessor, ViewBatch
from .encoders import CoordinateEncoder, STGCNEncoder, ViViTEncoder
from .heads import ProjectionHead
from .layers import CrossAttention
from .losses import AlignmentLoss, ProgressLoss

__all__ = [
    "AlignmentDataPreprocessor",
    "AlignmentLoss",
    "Aligner",
    "CoordinateDataPreprocessor",
    "CoordinateEncoder",
    "CrossAttention",
    "ProgressLoss",
    "ProjectionHead",
    "STGCNEncoder",
    "ViViTEncoder",
    "ViewBatch",
]
