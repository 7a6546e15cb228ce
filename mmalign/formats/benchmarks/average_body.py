"""An average adult in the kinematic tree of SMPL's 24 joints, where no body model is at hand.

Lengths are anthropometric shares of the stature, rounded to centimetres; nothing is taken from a
licensed model. Joints of CASA's records that are posed with it lie some 4 % of the person's size
off Penn Action's annotated ones (tests/formats/benchmarks/test_average_body.py).
"""

from __future__ import annotations

import numpy as np

from mmalign.formats.benchmarks.body_model import BodyModel
from mmalign.skeletons import get_skeleton

# Where each joint is from the one it hangs from, at rest with the arms out: metres, x to the
# person's left, y up, z forward. Those of the right side are mirrored.
_OFFSETS = {
    "spine1": (0, 0.11, -0.02),
    "spine2": (0, 0.13, 0),
    "spine3": (0, 0.05, 0.02),
    "neck": (0, 0.22, -0.04),
    "head": (0, 0.07, 0.05),
    "left_hip": (0.07, -0.09, 0),
    "left_knee": (0.03, -0.38, 0),
    "left_ankle": (-0.01, -0.40, -0.04),
    "left_foot": (0.03, -0.06, 0.12),
    "left_collar": (0.08, 0.12, -0.03),
    "left_shoulder": (0.09, 0.03, -0.01),
    "left_elbow": (0.26, -0.01, -0.02),
    "left_wrist": (0.25, 0, 0),
    "left_hand": (0.08, -0.01, -0.01),
}


def average_body() -> BodyModel:
    """A body without shape parameters whose pelvis is the origin."""
    skeleton = get_skeleton("smpl24")
    rest = np.zeros((skeleton.num_joints, 3))
    for joint, (name, parent) in enumerate(zip(skeleton.joints, skeleton.parents, strict=True)):
        if parent >= 0:
            side = -1.0 if name.startswith("right_") else 1.0
            offset = np.array(_OFFSETS[name.replace("right_", "left_")])
            rest[joint] = rest[parent] + offset * (side, 1, 1)
    return BodyModel(rest, np.zeros((*rest.shape, 0)), skeleton.parents)
