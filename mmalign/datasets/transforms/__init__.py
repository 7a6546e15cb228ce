"""Pipeline transforms: temporal, spatial, views, rendering and packing."""

from .formatting import PackAlignmentInputs
from .heatmap import CropToPoseBox, GeneratePoseHeatmap
from .spatial import OrientationNoise, PoseAffine, PoseFlip, PositionNoise
from .temporal import TemporalSubsample, TemporalTrim, TemporalWarp
from .views import TwoViews

__all__ = [
    "CropToPoseBox",
    "GeneratePoseHeatmap",
    "OrientationNoise",
    "PackAlignmentInputs",
    "PoseAffine",
    "PoseFlip",
    "PositionNoise",
    "TemporalSubsample",
    "TemporalTrim",
    "TemporalWarp",
    "TwoViews",
]
