"""What a Python user imports."""

from typing import TYPE_CHECKING, Any

from mmalign.apis.alignment import AlignedPair, AlignedSequence, AlignmentResult
from mmalign.apis.inferencer import AlignmentInferencer
from mmalign.apis.synchronizer import Synchronization, synchronize

if TYPE_CHECKING:
    from mmalign.apis.extract import PoseExtractor

__all__ = [
    "AlignedPair",
    "AlignedSequence",
    "AlignmentInferencer",
    "AlignmentResult",
    "PoseExtractor",
    "Synchronization",
    "synchronize",
]


# The extraction is built on modules of this package, so it is imported when it is asked for.
def __getattr__(name: str) -> Any:
    if name == "PoseExtractor":
        from mmalign.apis.extract import PoseExtractor

        return PoseExtractor
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
