"""Named skeletons: the tables, the user's own, and the joints of detectors' files and networks."""

from mmalign.skeletons.catalogue import get_skeleton, list_skeletons
from mmalign.skeletons.skeleton import Skeleton

__all__ = ["Skeleton", "get_skeleton", "list_skeletons"]
