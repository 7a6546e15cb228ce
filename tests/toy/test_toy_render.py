import numpy as np
import pytest

from mmalign.toy import generate_dataset, list_activities, render_frames
from mmalign.toy.activities import get_activity
from mmalign.toy.activity import Prop
from mmalign.toy.props import BALL_RADIUS, prop_outline, prop_track
from mmalign.toy.render import _background


@pytest.mark.parametrize("activity", list_activities())
def test_frames_show_the_figure_where_its_joints_are(activity):
    (s,) = generate_dataset(activity, 1, "val", image_size=(120, 160), length=(40, 40), noise=0)
    frames = render_frames(s)
    assert frames.shape == (s.num_frames, 120, 160, 3)
    assert frames.dtype == np.uint8
    np.testing.assert_array_equal(frames, render_frames(s))
    scene = _background(s.camera, get_activity(activity).figure.height * 0.9).astype(int)
    drawn = np.abs(frames.astype(int) - scene).max(axis=-1) > 20
    assert 0.01 < drawn.mean() < 0.5
    x, y = np.round(s.keypoints).astype(int).transpose(2, 0, 1)
    seen = s.scores > 0
    on_figure = drawn[np.arange(s.num_frames)[:, None], y, x][seen]
    assert on_figure.mean() > 0.93


def test_a_prop_is_carried_from_when_it_is_taken_until_it_is_left():
    time_ = np.array([0, 0.5, 1.0, 1.5, 2.0, 2.5])
    joints = np.random.default_rng(0).normal(size=(6, 17, 3))
    track, axis = prop_track(Prop("box", (9, 10), taken=1.0, left=2.0), joints, time_, 30)
    hands = joints[:, [9, 10]].mean(axis=1)
    np.testing.assert_allclose(track, hands[[2, 2, 2, 3, 4, 4]])
    assert (axis == [0, 0, 1]).all()


def test_a_ball_flies_when_it_is_let_go():
    time_ = np.linspace(0, 2, 21)
    joints = np.zeros((21, 17, 3))
    joints[:, 10] = np.outer(np.arange(21), [0.1, 0, 0]) + [0, 0, 1.2]
    track, _ = prop_track(Prop("ball", (10,), taken=0.0, left=1.0), joints, time_, 30)
    np.testing.assert_allclose(track[:11], joints[:11, 10])
    np.testing.assert_allclose(track[:, 0], 0.1 * np.arange(21))
    np.testing.assert_allclose(track[13, 2], 1.2 - 9.81 / 2 * 0.1**2)
    assert track[:, 2].min() >= BALL_RADIUS


@pytest.mark.parametrize("kind", ["box", "bottle", "cup"])
def test_outlines_are_of_the_size_of_things(kind):
    points = np.concatenate(prop_outline(kind))
    assert 0.05 < np.ptp(points, axis=0).max() < 0.4
