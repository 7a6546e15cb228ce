"""Networks."""

from .aligner import Aligner
from .data_preprocessor import AlignmentDataPreprocessor, CoordinateDataPreprocessor, ViewBatch
from .encoders import CoordinateEncoder, STGCNEncoder, ViViTEncoder
from .heads import ProjectionHead
from .layers import CrossAttention
from .losses import AlignmentLoss

__all__ = [
    "AlignmentDataPreprocessor",
    "AlignmentLoss",
    "Aligner",
    "CoordinateDataPreprocessor",
    "CoordinateEncoder",
    "CrossAttention",
    "ProjectionHead",
    "STGCNEncoder",
    "ViViTEncoder",
    "ViewBatch",
]
