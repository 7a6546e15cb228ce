"""Inputs in slow motion: seen at real speed, told in the times of their files."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tiny_aligner import cut, toy_poses, write_checkpoint

from mmalign.apis import AlignedPair, AlignmentInferencer, AlignmentResult
from mmalign.errors import InputError
from mmalign.functional.playback import REAL_TIME, PlaybackSpeed
from mmalign.functional.pose import resample_pose
from mmalign.poses.pose_file import PoseSequence

POSES = toy_poses()


def filmed(poses: PoseSequence, instants: np.ndarray) -> PoseSequence:
    """The poses at fractional frames, at the frame rate that the file states."""
    keypoints, scores = resample_pose(poses.keypoints, poses.scores, instants)
    return replace(poses, keypoints=keypoints, scores=scores)


INSTANTS = np.arange(0, POSES.num_frames - 1, 1 / 4)
SLOW = filmed(POSES, INSTANTS)


@pytest.fixture(scope="module")
def align() -> AlignmentInferencer:
    return AlignmentInferencer("none")


def plain(result: AlignmentResult) -> str:
    return json.dumps(result.to_dict())


@pytest.mark.parametrize("method", ["dtw", "subsequence"])
def test_without_slow_motion_nothing_changes(align: AlignmentInferencer, method: str) -> None:
    others = [cut(POSES, 10, 70), filmed(POSES, np.arange(0, POSES.num_frames - 1, 1.3))]
    found, as_before = (
        align(POSES, *others, method=method, speed=speed) for speed in ("auto", None)
    )
    assert plain(found) == plain(as_before)
    for one, other in zip(found.pairs, as_before.pairs, strict=True):
        assert (one.similarity == other.similarity).all()


@pytest.mark.parametrize("speed", ["auto", [1, 0.25]])
@pytest.mark.parametrize("method", ["dtw", "subsequence"])
def test_slow_motion_of_the_other(
    align: AlignmentInferencer, speed: str | list[float], method: str
) -> None:
    pair = align(POSES, SLOW, method=method, speed=speed).pairs[0]
    assert pair.reference_speed == REAL_TIME
    middle = np.arange(SLOW.num_frames // 4, 3 * SLOW.num_frames // 4) / SLOW.fps
    assert np.median(pair.other_speed.at(middle)) == pytest.approx(0.25, rel=0.2)
    assert pair.other_frames == SLOW.num_frames and pair.matched.mean() > 0.8
    error = np.abs(pair.positions - INSTANTS)[pair.matched]
    assert np.median(error) < 0.3 and np.percentile(error, 90) < 1.5
    assert (np.diff(pair.positions[pair.matched]) >= 0).all()
    assert pair.other_seconds[-1] == pytest.approx((SLOW.num_frames - 1) / SLOW.fps)


def test_slow_motion_of_the_reference(align: AlignmentInferencer) -> None:
    pair = align(SLOW, POSES).pairs[0]
    assert pair.other_speed == REAL_TIME != pair.reference_speed
    error = np.abs(pair.positions - 4 * np.arange(POSES.num_frames))[pair.matched]
    assert np.median(error) < 1.5
    assert pair.positions[pair.matched].max() > 0.9 * SLOW.num_frames


def test_a_stated_speed_is_the_same_as_a_frame_rate(align: AlignmentInferencer) -> None:
    fast = replace(SLOW, fps=4 * SLOW.fps)
    stated = align(POSES, SLOW, speed=[1, 0.25]).pairs[0]
    known = align(POSES, fast, speed=None).pairs[0]
    np.testing.assert_allclose(stated.positions, known.positions, atol=1e-6)


def test_embeddings_are_of_the_own_frames(align: AlignmentInferencer, tmp_path: Path) -> None:
    network = AlignmentInferencer(write_checkpoint(tmp_path / "tiny.pth"))
    for one in (align, network):
        result = one(POSES, SLOW, speed=[1, 0.25])
        (other,) = result.others
        assert other.embedding is not None and len(other.embedding) == SLOW.num_frames
        assert other.poses.num_frames == SLOW.num_frames
        reference = result.reference.embedding
        assert reference is not None
        np.testing.assert_allclose(other.embedding[::4][:20], reference[:20], atol=0.1)


def test_one_speed_for_all(align: AlignmentInferencer) -> None:
    pair = align(SLOW, SLOW, speed=0.25).pairs[0]
    assert pair.other_speed == pair.reference_speed == PlaybackSpeed((0.0,), (0.25,))
    np.testing.assert_allclose(pair.positions, np.arange(SLOW.num_frames), atol=4.1)


@pytest.mark.parametrize(
    ("speed", "message"),
    [
        ("fast", "speed is 'fast', expected auto or numbers"),
        ([1.0, 240.0], "speed is 240.0"),
        ([0.0], "speed is 0.0"),
        ([float("nan")], "speed is nan"),
        ([1.0, 1.0, 0.5], "found 3 numbers for 2 sequences"),
        ([1.0, 1 / 64], "expected two or more at"),
    ],
)
def test_bad_speeds(align: AlignmentInferencer, speed: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        align(POSES, cut(POSES, 0, 2), speed=speed)  # type: ignore[arg-type]


def test_a_reference_that_is_not_there(align: AlignmentInferencer) -> None:
    with pytest.raises(InputError, match="reference is 7"):
        align(POSES, SLOW, reference=7)


def test_files_of_before_are_in_real_time(align: AlignmentInferencer) -> None:
    content = align(POSES, SLOW, speed=[1, 0.25]).pairs[0].to_dict()
    assert AlignedPair.from_dict(content).other_speed == PlaybackSpeed((0.0,), (0.25,))
    del content["other_speed"], content["reference_speed"]
    assert AlignedPair.from_dict(content).other_speed == REAL_TIME
    with pytest.raises(InputError, match="expected what `mmalign align` writes"):
        AlignedPair.from_dict({**content, "other_speed": [[1.0, 2.0]]})
