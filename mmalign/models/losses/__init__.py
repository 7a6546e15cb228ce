"""Losses."""

from .alignment_loss import AlignmentLoss
from .cross_clip_loss import CrossClipLoss

__all__ = ["AlignmentLoss", "CrossClipLoss"]
