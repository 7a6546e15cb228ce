"""What a Python user imports."""

from mmalign.apis.inferencer import AlignmentInferencer
from mmalign.apis.synchronizer import Synchronization, synchronize
from mmalign.extraction import PoseExtractor
from mmalign.structures import AlignedPair, AlignedSequence, AlignmentResult

__all__ = [
    "AlignedPair",
    "AlignedSequence",
    "AlignmentInferencer",
    "AlignmentResult",
    "PoseExtractor",
    "Synchronization",
    "synchronize",
]
