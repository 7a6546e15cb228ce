"""What a Python user imports."""

from mmalign.apis.alignment import AlignedPair, AlignedSequence, AlignmentResult
from mmalign.apis.inferencer import AlignmentInferencer

__all__ = ["AlignedPair", "AlignedSequence", "AlignmentInferencer", "AlignmentResult"]
