"""Temporal alignment of human activity sequences from skeletons."""

import os

from mmalign.version import __version__

# Before torch is imported: threads that wait for each other sleep instead of spinning. Spinning on
# cores that are shared, be it with the loader's own workers, makes a step several times slower.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

__all__ = ["__version__"]
