"""Encoders of single sequences."""

from .vivit import ViViTEncoder

__all__ = ["ViViTEncoder"]
