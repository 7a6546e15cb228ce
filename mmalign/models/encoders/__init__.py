"""Encoders of single sequences."""

from .coordinates import CoordinateEncoder
from .stgcn import STGCNEncoder
from .vivit import ViViTEncoder

__all__ = ["CoordinateEncoder", "STGCNEncoder", "ViViTEncoder"]
