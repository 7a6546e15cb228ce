import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from mmalign.errors import InputError
from mmalign.skeletons import get_skeleton
from mmalign.toy.activities import get_activity, list_activities
from mmalign.toy.body import BODY
from mmalign.toy.hands import HANDS
from mmalign.toy.kinematics import rotation
from mmalign.toy.performer import make_performer

FIGURES = pytest.mark.parametrize("figure", [BODY, HANDS], ids=lambda f: f.skeleton)
# Ankles, wrists, knees ... as they hang on a body; fingers hang from their wrist.
BODY_BONES = [(5, 7), (7, 9), (6, 8), (8, 10), (11, 13), (13, 15), (12, 14), (14, 16), (11, 12)]
BODY_BONES += [(5, 6), (0, 1), (1, 3), (2, 4)]


def random_values(figure, seed, frames=20):
    scale = 40 * figure.unit
    return figure.values({}) + np.random.default_rng(seed).normal(size=(frames, len(scale))) * scale


@given(st.sampled_from("xyz"), st.floats(-720, 720))
@settings(max_examples=40, deadline=None)
def test_rotation_is_that_of_scipy(axis, degrees):
    expected = Rotation.from_euler(axis, degrees, degrees=True).as_matrix()
    np.testing.assert_allclose(rotation(axis, np.array([degrees]))[0], expected, atol=1e-12)


@FIGURES
def test_bones_keep_their_length(figure):
    joints = figure.place(random_values(figure, 0), make_performer("train", 0).proportions)
    bones = (
        BODY_BONES
        if figure is BODY
        else [
            (parent, j) for j, parent in enumerate(get_skeleton("hands42").parents) if parent >= 0
        ]
    )
    assert len(bones) >= 13
    for a, b in bones:
        length = np.linalg.norm(joints[:, a] - joints[:, b], axis=-1)
        assert length.min() > 0.01
        np.testing.assert_allclose(length, length[0], rtol=1e-9)


def test_figures_have_the_size_of_people():
    p = {**make_performer("train", 0).proportions, "stature": 1.75}
    body = BODY.place(BODY.values({})[None], p)[0]
    assert 1.5 < body[0, 2] < 1.75  # nose
    assert body[9, 2] < body[7, 2] < body[5, 2]  # an arm hangs
    hand = HANDS.place(HANDS.values({"curl": 0})[None], p)[0]
    assert 0.15 < np.linalg.norm(hand[0] - hand[12]) < 0.23  # wrist to the tip of the middle finger


def test_body_stands_on_the_ground():
    proportions = make_performer("val", 3).proportions
    ankles = BODY.place(random_values(BODY, 1), proportions)[:, 15:17]
    np.testing.assert_allclose(ankles[..., 2].min(axis=1), 0.039 * proportions["stature"])
    np.testing.assert_allclose(ankles[..., :2].mean(axis=1), 0, atol=1e-12)


@FIGURES
def test_mirrored_values_give_the_mirrored_figure(figure):
    values = random_values(figure, 2)
    proportions = make_performer("train", 1).proportions
    joints = figure.place(values, proportions)[:, get_skeleton(figure.skeleton).flip_index]
    mirrored = figure.place(figure.mirror(values), proportions)
    np.testing.assert_allclose(mirrored, joints * [1, -1, 1], atol=1e-12)


def test_pose_sets_one_side_or_both():
    values = dict(zip(BODY.channels, BODY.values({"elbow": 50, "left_elbow": 70}), strict=True))
    assert values["left_elbow"] == 70
    assert values["right_elbow"] == 50
    assert values["left_hip_abd"] == BODY.neutral["hip_abd"]


def test_unknown_channel_is_an_error():
    with pytest.raises(InputError, match=r"unknown channel 'ellbow'.*left_elbow"):
        BODY.values({"ellbow": 3})


def test_activities_are_complete():
    assert len([n for n in list_activities() if get_activity(n).figure is BODY]) >= 3
    assert get_activity("pour").figure is HANDS
    for activity in map(get_activity, list_activities()):
        assert len(activity.poses) == activity.num_phases + 1 == len(activity.shares) + 1
        # It ends in another pose than it starts: idle frames are not confused.
        first, *_, last = np.stack([activity.figure.values(pose) for pose in activity.poses])
        assert np.abs((last - first) / activity.figure.unit).max() > 30
    with pytest.raises(InputError, match="unknown name 'juggle'.*lift"):
        get_activity("juggle")
