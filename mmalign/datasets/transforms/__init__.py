"""Pipeline transforms: temporal, spatial, views, cameras, rendering, packing; corruptions."""

from .camera import RandomCamera, Use3DKeypoints
from .corruption import Corruption, MissingLimb, NoisyKeypoints
from .formatting import PackAlignmentInputs
from .frames import FrameColour, LoadFrames
from .heatmap import CropToPoseBox, GeneratePoseHeatmap
from .spatial import JointDropout, OrientationNoise, PoseAffine, PoseFlip, PositionNoise, SideSwap
from .temporal import TemporalIdle, TemporalSubsample, TemporalTrim, TemporalWarp
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
    "SideSwap",
    "TemporalIdle",
    "TemporalSubsample",
    "TemporalTrim",
    "TemporalWarp",
    "TwoViews",
    "Use3DKeypoints",
]
