"""Heads between embeddings and losses."""

from .projection import ProjectionHead

__all__ = ["ProjectionHead"]
