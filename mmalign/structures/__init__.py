"""What is passed around: a sequence in the network, and what an alignment is."""

from mmalign.structures.alignment import (
    SAME_ACTIVITY,
    AlignedPair,
    AlignedSequence,
    AlignmentResult,
    Offset,
)
from mmalign.structures.data_sample import AlignmentDataSample
from mmalign.structures.raw_clip import RawClip

__all__ = [
    "SAME_ACTIVITY",
    "AlignedPair",
    "AlignedSequence",
    "AlignmentDataSample",
    "AlignmentResult",
    "Offset",
    "RawClip",
]
