"""The built-in toy data: articulated figures that perform activities of several phases."""

from mmalign.datasets.toy.activities import get_activity, list_activities
from mmalign.datasets.toy.activity import Activity
from mmalign.datasets.toy.dataset import ToyPoseDataset
from mmalign.datasets.toy.generator import generate_dataset, generate_sequence
from mmalign.datasets.toy.performer import Performer, make_performer
from mmalign.datasets.toy.render import render_frames
from mmalign.datasets.toy.sequence import ToySequence, correspondence
from mmalign.datasets.toy.writer import write_dataset
from mmalign.functional.camera import Camera

__all__ = [
    "Activity",
    "Camera",
    "Performer",
    "ToyPoseDataset",
    "ToySequence",
    "correspondence",
    "generate_dataset",
    "generate_sequence",
    "get_activity",
    "list_activities",
    "make_performer",
    "render_frames",
    "write_dataset",
]
