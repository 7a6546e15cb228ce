"""Activities drawn at random."""

from __future__ import annotations

import numpy as np
import pytest

from mmalign.toy import generate_sequence, get_activity, make_performer
from mmalign.toy.body import place_body
from mmalign.toy.random_activity import random_activity

NAMES = [f"random_{k}" for k in range(30)]


def test_the_name_says_which():
    assert get_activity("random_3") == random_activity("random_3")
    assert len({str(random_activity(name).poses) for name in NAMES}) == len(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_phase_moves_the_body(name):
    activity = random_activity(name)
    assert len(activity.poses) == activity.num_phases + 1 == len(activity.shares) + 1
    assert 2 <= activity.num_phases <= 6
    values = np.stack([activity.figure.values(pose) for pose in activity.poses])
    joints = place_body(values, dict(stature=1.8, torso=1, arm=1, leg=1, width=1, head=1))
    moved = np.linalg.norm(np.diff(joints, axis=0), axis=-1).max(axis=1)
    assert (moved > 0.05).all(), moved


def test_sequences_are_valid():
    for name in NAMES[:5]:
        made = generate_sequence(name, make_performer("train", 0), 0)
        assert made.validate(name).activity == name
        assert sorted(set(made.labels)) == list(range(get_activity(name).num_phases))
