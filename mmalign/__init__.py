"""Temporal alignment of human activity sequences from skeletons."""

from mmalign.version import __version__

__all__ = ["__version__"]
