"""Encoders of single sequences."""

from .coordinates import CoordinateEncoder
from .motion import MotionEncoder
from .stgcn import STGCNEncoder
from .vivit import ViViTEncoder

__all__ = ["CoordinateEncoder", "MotionEncoder", "STGCNEncoder", "ViViTEncoder"]
