import itertools
import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmalign.errors import InputError
from mmalign.formats.base import ConversionReport
from mmalign.formats.openpose import OpenPoseReader
from mmalign.formats.recordings import read_json
from mmalign.poses.people import (
    People,
    choose_person,
    clean_poses,
    parse_rule,
    track_people,
)
from mmalign.poses.pose_index import PoseIndex

BODY = np.array([[0, 0], [0, 40], [-15, 50], [15, 50], [0, 90]], dtype=float)
FRAME = (400, 1000)


def pose(x, y=200.0, size=1.0, score=0.9, joints=range(5)):
    body = np.zeros((5, 3))
    body[list(joints), :2] = BODY[list(joints)] * size + (x, y)
    body[list(joints), 2] = score
    return body


def people(*frames, tracks=None):
    """People from one list of poses per frame."""
    rows = [p for frame in frames for p in frame]
    index = np.repeat(np.arange(len(frames)), [len(frame) for frame in frames])
    table = np.array(rows).reshape(len(rows), 5, 3)
    return People(table, index, len(frames), None if tracks is None else np.array(tracks))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 4), st.floats(0, 0.4))
def test_everybody_keeps_their_number_through_short_gaps(seed, count, missing):
    rng = np.random.default_rng(seed)
    truth, frames = [], []
    walk = 150 + 200 * np.arange(count) + np.cumsum(rng.normal(0, 3, (40, count)), axis=0)
    there = rng.random((40, count)) >= missing
    for x, seen in zip(walk, there, strict=True):
        order = rng.permutation(np.flatnonzero(seen))
        frames.append([pose(x[who]) + rng.normal(0, 1, (5, 3)) * (1, 1, 0) for who in order])
        truth.extend(order)
    tracks = track_people(people(*frames)).tracks
    pairs = {(int(a), int(b)) for a, b in zip(truth, tracks, strict=True)}
    assert len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs})


def test_a_person_who_is_away_too_long_comes_back_as_another():
    frames = [[pose(100)]] + [[]] * 5 + [[pose(103)]]
    assert track_people(people(*frames), max_gap=5).tracks.tolist() == [0, 0]
    assert track_people(people(*frames), max_gap=4).tracks.tolist() == [0, 1]


def test_a_person_far_from_everybody_is_new_even_if_the_other_has_gone():
    assert track_people(people([pose(100)], [pose(160)])).tracks.tolist() == [0, 1]
    assert track_people(people([pose(100)], [pose(140)])).tracks.tolist() == [0, 0]


def test_a_body_broken_in_two_for_a_frame_stays_one_person():
    halves = [pose(101, joints=[3, 4]), pose(101, joints=[0, 1, 2])]
    tracks = track_people(people([pose(100)], halves, [pose(102)], [pose(103)])).tracks
    assert tracks[0] == tracks[3] == tracks[4] == 0


def test_people_are_matched_so_that_the_sum_of_distances_is_smallest():
    rng = np.random.default_rng(3)
    for _ in range(20):
        before = [pose(x) for x in rng.uniform(100, 160, 4)]
        now = [pose(x) for x in rng.uniform(100, 160, 4)]
        found = track_people(people(before, now), max_distance=10).tracks[4:]

        def total(order, before=before, now=now):
            return sum(np.hypot(*(before[i] - p)[0, :2]) for i, p in zip(order, now, strict=True))

        assert total(found) == pytest.approx(min(map(total, itertools.permutations(range(4)))))


SCENE = people(
    *[[pose(120, size=1.5, score=0.3), pose(505, score=0.8), pose(800, score=0.9)]] * 5,
    *[[pose(120, size=1.5, score=0.3), pose(505, score=0.8)]] * 3,
    [pose(500, 150, score=0.9)],
    [pose(800, size=3, score=0.2)],
    tracks=[4, 7, 9] * 5 + [4, 7] * 3 + [11] + [4],
)


@pytest.mark.parametrize(
    ("rule", "chosen"),
    [
        ("largest", [4]),
        ("score", [7]),
        ("longest", [4]),
        ("center", [7]),
        ("position:790,200", [9]),
        ("position:100.5,240", [4]),
        ("track:9", [9]),
        ("track:11", [11]),
        ("all", [4, 7, 9]),
    ],
)
def test_rules(rule, chosen):
    assert choose_person(SCENE, rule, FRAME) == chosen


@pytest.mark.parametrize("rule", ["biggest", "track:", "track:x", "position:3", "position:1,x", ""])
def test_unknown_rules_are_refused(rule):
    with pytest.raises(InputError, match=r"--person .* is unknown, expected largest, score"):
        parse_rule(rule)


def test_nobody_or_nobody_of_that_number_is_an_error():
    with pytest.raises(InputError, match="no person 3, expected one of 4, 7, 9, 11"):
        choose_person(SCENE, "track:3", FRAME)
    with pytest.raises(InputError, match="nobody was found"):
        choose_person(track_people(people([], [])), "largest", FRAME)


def test_one_person_over_the_whole_video():
    keypoints, scores = SCENE.person(9)
    assert keypoints.shape == (10, 5, 2) and scores.shape == (10, 5)
    assert (scores[:5] > 0).all() and not scores[5:].any() and not keypoints[5:].any()
    # Two rows of one person in a frame: the better one counts.
    twice = people([pose(1, score=0.9), pose(2, score=0.4)], tracks=[0, 0])
    assert (twice.person(0)[1] == 0.9).all()


def test_what_no_pose_file_may_hold_is_cleaned():
    dirty = np.array([[1, 2, 1.3], [np.nan, 2, 0.9], [1, np.inf, 0.9], [1, 2, np.nan], [3, 4, -1]])
    clean = clean_poses(dirty, "f")
    assert clean.tolist() == [[1, 2, 1], [0, 0, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0]]
    with pytest.raises(InputError, match="f: a joint lies at 1e\\+30 pixels"):
        clean_poses(np.array([[1e30, 0, 1]]), "f")


@pytest.fixture(scope="module")
def balancing():
    """Recorded by four synchronised cameras; two of them see a bystander."""
    root = os.environ.get("MMALIGN_DATA")
    if not root:
        pytest.skip("needs recorded videos: set MMALIGN_DATA to what holds pose2sim_balancing/")
    return root + "/pose2sim_balancing"


@pytest.mark.parametrize("rule", ["largest", "score", "longest", "center"])
def test_the_target_person_is_kept_in_real_videos(balancing, rule, monkeypatch):
    rng = np.random.default_rng(0)
    reader = OpenPoseReader(balancing + "/pose", person=rule, fps=60, frame_size="1088x1920")
    assert reader.skeleton == "body25b"
    # The target is always the first person of these files: shuffle them.
    monkeypatch.setattr(
        "mmalign.formats.openpose.read_json",
        lambda path: {"people": rng.permutation(read_json(path)["people"]).tolist()},
    )
    report = ConversionReport(PoseIndex("body25b", ""))
    for source in reader.items():
        (clip,) = reader.read(source, report)
        # Frame k of every camera is the same instant.
        assert clip.sequence.num_frames == 100
        right = []
        for path, keypoints in zip(source.paths, clip.sequence.keypoints, strict=True):
            alone = str(path).replace("/pose/", "/pose-associated/")
            target = read_json(alone)["people"][0].get("pose_keypoints_2d")
            if target:  # one frame of camera 3 has nobody associated
                right.append(np.allclose(keypoints, np.reshape(target, (25, 3))[:, :2]))
        assert len(right) >= 99 and np.mean(right) >= 0.99
    assert report.counts["clips with several people at once"] == 2
