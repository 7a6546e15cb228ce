"""From videos to poses."""

from mmalign.extraction.backends.base import PoseBackend
from mmalign.extraction.backends.catalogue import build_backend
from mmalign.extraction.estimation import Estimation
from mmalign.extraction.extractor import Extraction, PoseExtractor
from mmalign.extraction.people_sources import FilePeople, NetworkPeople, PeopleSource
from mmalign.extraction.sequences import Choice

__all__ = [
    "Choice",
    "Estimation",
    "Extraction",
    "FilePeople",
    "NetworkPeople",
    "PeopleSource",
    "PoseBackend",
    "PoseExtractor",
    "build_backend",
]
