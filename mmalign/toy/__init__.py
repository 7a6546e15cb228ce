"""The built-in toy data: articulated figures that perform activities of several phases."""

from mmalign.functional.camera import Camera
from mmalign.toy.activities import get_activity, list_activities
from mmalign.toy.activity import Activity
from mmalign.toy.generator import generate_dataset, generate_sequence
from mmalign.toy.performer import Performer, make_performer
from mmalign.toy.render import render_frames
from mmalign.toy.sequence import ToySequence, correspondence
from mmalign.toy.writer import write_dataset

__all__ = [
    "Activity",
    "Camera",
    "Performer",
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
