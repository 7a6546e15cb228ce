import dataclasses
import time

import numpy as np
import pytest

from mmalign.errors import InputError
from mmalign.toy import (
    correspondence,
    generate_dataset,
    generate_sequence,
    get_activity,
    list_activities,
    make_performer,
)
from mmalign.toy.camera import AZIMUTH
from mmalign.toy.performer import AMPLITUDE, STATURE
from mmalign.toy.tempo import draw_canonical_time

ACTIVITIES = pytest.mark.parametrize("activity", list_activities())
ARRAYS = ("keypoints", "scores", "labels", "canonical_time", "joints")


def arrays(sequence):
    return [getattr(sequence, name).tobytes() for name in ARRAYS]


@ACTIVITIES
def test_same_seed_same_bytes(activity):
    first, again = (generate_dataset(activity, 4, "train", 5) for _ in range(2))
    assert [arrays(s) for s in first] == [arrays(s) for s in again]
    assert [s.camera for s in first] == [s.camera for s in again]


@ACTIVITIES
def test_other_seed_split_or_number_other_sequence(activity):
    made = [
        s
        for split in ("train", "val")
        for seed in (0, 1)
        for s in generate_dataset(activity, 4, split, seed)
    ]
    for name in ("keypoints", "scores", "joints"):
        assert len({getattr(s, name).tobytes() for s in made}) == len(made)


@ACTIVITIES
def test_sequences_are_valid_and_labelled(activity):
    phases = get_activity(activity).num_phases
    for s in generate_dataset(activity, 12, "train", 0):
        checked = s.validate("toy")
        assert checked.keypoints.tobytes() == s.keypoints.tobytes()
        assert 64 <= s.num_frames <= 112
        assert all(np.isfinite(getattr(s, name)).all() for name in ARRAYS)
        # Every phase occurs, in order, and the labels say the same as the canonical time.
        assert sorted(set(s.labels)) == list(range(phases))
        assert set(np.diff(s.labels)) == {0, 1}
        time_, labels = s.canonical_time, s.labels
        assert (np.diff(time_) >= 0).all()
        assert ((time_ >= labels) & ((time_ < labels + 1) | (time_ == phases))).all()


@ACTIVITIES
def test_idle_time_before_and_after(activity):
    lengths = []
    for s in generate_dataset(activity, 8, "val", 0, noise=0):
        idle = (s.canonical_time == 0, s.canonical_time == s.canonical_time[-1])
        assert min(i.sum() for i in idle) >= 3
        lengths.append([i.sum() for i in idle])
        step = np.linalg.norm(np.diff(s.joints, axis=0), axis=-1).mean(axis=1)
        still = np.concatenate([step[i[:-1] & i[1:]] for i in idle])
        assert 0 < still.mean() < 0.5 * step[~idle[0][1:] & ~idle[1][:-1]].mean()
    assert (np.ptp(lengths, axis=0) > 5).all()


@ACTIVITIES
def test_correspondences_are_those_of_a_plain_search(activity):
    a, b = generate_dataset(activity, 2, "train", 3)
    found = correspondence(a, b)
    assert found.shape == (a.num_frames,)
    assert (np.diff(found) >= 0).all()
    assert found[0] == 0
    assert found[-1] == b.num_frames - 1
    at_b = np.interp(found, np.arange(b.num_frames), b.canonical_time)
    np.testing.assert_allclose(at_b, a.canonical_time, atol=1e-12)
    for i, time_ in enumerate(a.canonical_time):
        if 0 < time_ < a.canonical_time[-1]:
            j = next(j for j, t in enumerate(b.canonical_time) if t >= time_)
            low, high = b.canonical_time[j - 1], b.canonical_time[j]
            assert found[i] == pytest.approx(j - 1 + (time_ - low) / (high - low), abs=1e-9)


def test_correspondence_with_itself_is_the_identity():
    (a,) = generate_dataset("throw", 1)
    np.testing.assert_allclose(correspondence(a, a), np.arange(a.num_frames), atol=1e-9)


def test_correspondence_of_different_activities_is_an_error():
    a, b = generate_dataset("lift", 1)[0], generate_dataset("throw", 1)[0]
    with pytest.raises(InputError, match="'lift' and 'throw'"):
        correspondence(a, b)


def test_splits_share_no_body_style_or_camera():
    """Values lie in bands that belong to one split, and the bands of both span the range."""

    def bands(values, bounds):
        return np.floor((np.array(values) - bounds[0]) / (bounds[1] - bounds[0]) * 8).astype(int)

    for seed in (0, 1):
        for split, own in (("train", {0, 2, 4, 6}), ("val", {1, 3, 5, 7})):
            made = generate_dataset("lift", 60, split, seed)
            people = [s.performer for s in made]
            assert {p.split for p in people} == {split}
            assert set(bands([s.camera.azimuth for s in made], AZIMUTH)) == own
            assert set(bands([p.proportions["stature"] for p in people], STATURE)) == own
            assert set(bands([p.amplitude for p in people], AMPLITUDE)) == own
    assert AZIMUTH[0] <= -70
    assert AZIMUTH[1] >= 70


def test_performers_differ_and_some_are_mirrored():
    pool = [make_performer(split, i) for split in ("train", "val") for i in range(12)]
    assert len({tuple(p.proportions.values()) for p in pool}) == 24
    lift = get_activity("lift")
    assert len({p.key_poses(lift).tobytes() for p in pool}) == 24
    assert 4 <= sum(p.mirrored for p in pool) <= 20


def test_performers_take_turns():
    made = generate_dataset("lift", 6, num_performers=3)
    assert [s.performer.number for s in made] == [0, 1, 2, 0, 1, 2]
    assert len({s.performer.number for s in generate_dataset("lift", 6)}) == 3


def test_tempo_varies_a_lot():
    rng = np.random.default_rng(0)
    times = [draw_canonical_time(rng, (1.0, 1.0, 1.0), (64, 112)) for _ in range(200)]
    durations = np.array([[(np.floor(t) == k).sum() for k in range(3)] for t in times])
    assert durations.min() >= 6
    share = durations / np.array([[len(t)] for t in times])
    low, high = np.quantile(share[:, 1], [0.1, 0.9])
    assert high > 2 * low


@ACTIVITIES
def test_detections_are_noisy_projections(activity):
    made = generate_dataset(activity, 6)
    assert 0.01 < np.mean([(s.scores == 0).mean() for s in made]) < 0.1
    for s in made:
        pixels, depth = s.camera.project(s.joints)
        assert depth.min() > 0.1
        seen = s.scores > 0
        assert (s.keypoints[~seen] == 0).all()
        error = np.linalg.norm(s.keypoints - pixels, axis=-1)[seen]
        assert 0.1 < np.median(error) < 3
        assert 0.7 < np.median(s.scores[seen]) < 1
    exact = generate_dataset(activity, 1, noise=0)[0]
    pixels, _ = exact.camera.project(exact.joints)
    inside = exact.scores > 0
    assert inside.mean() > 0.97
    np.testing.assert_allclose(exact.keypoints[inside], pixels[inside], atol=1e-3)
    assert (exact.scores[inside] == 1).all()


def test_projection_is_a_pinhole_that_looks_at_its_target():
    camera = generate_dataset("lift", 1)[0].camera
    pixels, depth = camera.project(np.array(camera.target))
    np.testing.assert_allclose(pixels, [160, 120], atol=1e-9)
    assert depth == pytest.approx(camera.distance)
    level = dataclasses.replace(camera, roll=0.0)
    above, _ = level.project(np.array(camera.target) + [0, 0, 0.1])
    np.testing.assert_allclose(above[0], 160, atol=1e-9)
    assert above[1] < 120
    # A performer who faces the camera has the left hand on the right of the image.
    front = dataclasses.replace(level, azimuth=0.0)
    assert front.project(np.array(camera.target) + [0, 0.1, 0])[0][0] > 160


def test_generation_is_quick():
    start = time.perf_counter()
    generate_dataset("lift", 48)
    generate_dataset("lift", 24, "val")
    assert time.perf_counter() - start < 5


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"length": (10, 20)}, r"length: found \(10, 20\).*at least 30"),
        ({"length": (90, 80)}, "length"),
        ({"noise": -1.0}, "noise: found -1.0"),
        ({"split": "test"}, "split: found 'test', expected one of train, val"),
        ({"num_sequences": 0}, "num_sequences: found 0"),
        ({"num_performers": 0}, "num_performers: found 0"),
        ({"seed": -1}, "seed: found -1"),
        ({"activity": "nap"}, "unknown name 'nap'"),
    ],
)
def test_bad_arguments(change, message):
    with pytest.raises(InputError, match=message):
        generate_dataset(**{"activity": "lift", "num_sequences": 2, **change})


def test_an_activity_of_ones_own():
    lift = get_activity("lift")
    short = dataclasses.replace(
        lift, name="bend", phases=("bend",), poses=lift.poses[:2], shares=(1.0,), props=()
    )
    s = generate_sequence(short, make_performer("train", 0), 0, length=(12, 20))
    assert set(s.labels) == {0}
    assert s.canonical_time[-1] == 1
