"""Losses."""

from .alignment_loss import AlignmentLoss

__all__ = ["AlignmentLoss"]
