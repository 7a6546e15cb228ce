"""Losses."""

from .alignment_loss import AlignmentLoss
from .progress_loss import ProgressLoss

__all__ = ["AlignmentLoss", "ProgressLoss"]
