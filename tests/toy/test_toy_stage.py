"""The toy activity whose phases only pose and video together tell."""

import itertools

import numpy as np
import pytest

from mmalign.datasets import ToyPoseDataset
from mmalign.datasets.evaluation_dataset import EvaluationDataset
from mmalign.errors import InputError
from mmalign.evaluation.floors import floor_clips
from mmalign.functional.metrics import phase_classification
from mmalign.toy import generate_dataset, get_activity, render_frames
from mmalign.toy.stage import screen_box

SEQUENCES = [s for split in ("train", "val") for s in generate_dataset("sort", 24, split, 1)]


def test_the_screen_hides_the_figure():
    for s in SEQUENCES:
        low, high = screen_box(s.camera)
        pixels, _ = s.camera.project(s.joints)
        # The head's and the trunk's thickness lies round the joints.
        room = 0.12 * s.camera.focal / s.camera.distance
        assert (pixels - room > low).all() and (pixels + room < high).all()


def test_who_stands_still_in_the_last_phases_stands_still_in_the_same_way():
    activity = get_activity("sort")
    for s in SEQUENCES[::5]:
        poses = s.performer.key_poses(activity)
        same = [np.array_equal(a, b) for a, b in itertools.pairwise(poses)]
        assert same == [False, False, False, True, True, True]
        values = s.joints - s.joints.mean(axis=1, keepdims=True)
        step = np.linalg.norm(np.diff(values, axis=0), axis=-1).mean(axis=1)
        waits = s.labels[1:] >= 3
        assert step[waits].mean() < 0.35 * step[~waits & (s.canonical_time[1:] > 0)].mean()


def test_frames_differ_where_lamp_or_cart_changes_and_only_there():
    for s in SEQUENCES[::12]:
        frames = render_frames(s, side=64)
        assert frames.shape == (s.num_frames, 48, 64, 3)
        changed = np.abs(np.diff(frames.astype(int), axis=0)).max(axis=(1, 2, 3)) > 0
        steps = np.stack([s.labels[:-1], s.labels[1:]], axis=1)
        still = (steps < 3).all(axis=1) | (steps == 3).all(axis=1) | (steps == 5).all(axis=1)
        lit = (steps == [2, 3]).all(axis=1) | (steps == [4, 5]).all(axis=1)
        assert not changed[still].any()
        assert changed[lit].all()
        assert changed[(steps == 4).all(axis=1)].mean() > 0.6
        red = (frames[..., 0] > 200) & (frames[..., 1] < 90)
        np.testing.assert_array_equal(red.any(axis=(1, 2)), np.isin(s.labels, (3, 4)))


def test_a_smaller_drawing_shows_the_same_scene():
    s = SEQUENCES[3]
    large = render_frames(s)[::20].astype(float)
    small = render_frames(s, side=80)[::20].astype(float)
    averaged = large.reshape(len(large), 60, 4, 80, 4, 3).mean(axis=(2, 4))
    assert np.median(np.abs(averaged - small)) < 4
    lift = generate_dataset("lift", 1)[0]
    assert render_frames(lift, side=32).shape == (lift.num_frames, 24, 32, 3)


def _state(sample):
    """What a frame shows, by plain looking: is the lamp red, is it green, how far is the cart."""
    frames = sample["video"][sample["frame_inds"].astype(int)].astype(int)
    red, green, blue = np.moveaxis(frames, -1, 0)
    cart = (blue > 160) & (red < 90)
    x = (cart * np.arange(cart.shape[2])).sum(axis=(1, 2)) / cart.sum(axis=(1, 2)).clip(1)
    lamps = [(red > 200) & (green < 90), (green > 150) & (red < 110) & (blue < 130)]
    seen = [lamp.any(axis=(1, 2)).astype(float) for lamp in lamps]
    return 3 * np.stack([*seen, np.abs(x - x[0]) / 5], axis=1)


def test_neither_pose_nor_video_tells_the_phases_and_both_together_do():
    samples = [
        sample
        for split, window in EvaluationDataset.PARTS
        for sample in ToyPoseDataset(
            activity="sort", num_sequences=24, split=split, window=window, render=32
        )
    ]
    clips = floor_clips(samples, "raw_pose")
    shown = [
        [_state(s) for s in samples if s["split"] == "train"],
        [_state(s) for s in samples if s["protocol"] == "trimmed"],
    ]

    def accuracy(pose, video):
        parts = []
        for group, states in zip((clips.train, clips.windows), shown, strict=True):
            features = [
                np.concatenate([c.embedding] * pose + [state] * video, axis=1)
                for c, state in zip(group, states, strict=True)
            ]
            parts += [features, [c.labels for c in group]]
        return phase_classification(*parts)

    both, pose, video = accuracy(1, 1), accuracy(1, 0), accuracy(0, 1)
    assert 0.4 < pose < 0.62
    assert 0.4 < video < 0.66
    assert both > max(pose, video) + 0.2


def test_a_data_set_draws_frames_when_asked():
    plain = ToyPoseDataset(activity="sort", num_sequences=2)[0]
    drawn = ToyPoseDataset(activity="sort", num_sequences=2, render=32)
    assert "video" not in plain
    np.testing.assert_array_equal(drawn[1]["video"], render_frames(drawn.sequences[1], 32))
    with pytest.raises(InputError, match="render is 0"):
        ToyPoseDataset(activity="sort", render=0)
