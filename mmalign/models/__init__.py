"""Networks."""

from .aligner import Aligner
from .data_preprocessor import AlignmentDataPreprocessor, ViewBatch
from .encoders import ViViTEncoder
from .heads import ProjectionHead
from .layers import CrossAttention
from .losses import AlignmentLoss

__all__ = [
    "AlignmentDataPreprocessor",
    "AlignmentLoss",
    "Aligner",
    "CrossAttention",
    "ProjectionHead",
    "ViViTEncoder",
    "ViewBatch",
]
