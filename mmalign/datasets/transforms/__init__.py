"""Pipeline transforms: temporal, spatial, views, cameras, rendering, packing; corruptions."""

from .camera import RandomCamera, Use3DKeypoints
from .corruption import Corruption, MissingLimb, NoisyKeypoints
from .formatting import PackAlignmentInputs
from .frames import FrameColour, LoadFrames
from .heatmap import CropToPoseBox, GeneratePoseHeatmap
from .spatial import JointDropout, OrientationNoise, PoseAffine, PoseFlip, PositionNoise
from .temporal import TemporalSubsample, TemporalTrim, TemporalWarp
from .views import TwoViews

__all__ = [
    "Corruption",
    "CropToPoseBox",
    "FrameColour",
    "GeneratePoseHeatmap",
    "JointDropout",
    "LoadFrames",
    "MissingLimb",
    "NoisyKeypoints",
    "OrientationNoise",
    "PackAlignmentInputs",
    "PoseAffine",
    "PoseFlip",
    "PositionNoise",
    "RandomCamera",
    "TemporalSubsample",
    "TemporalTrim",
    "TemporalWarp",
    "TwoViews",
    "Use3DKeypoints",
]
