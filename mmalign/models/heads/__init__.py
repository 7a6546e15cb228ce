"""Heads between embeddings and losses."""

from .projection import ProjectionHead
from .view_head import BatchNormHead, ContextConv, ViewHead, apply_head

__all__ = ["BatchNormHead", "ContextConv", "ProjectionHead", "ViewHead", "apply_head"]
