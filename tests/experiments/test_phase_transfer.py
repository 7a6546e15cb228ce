"""Phases carried over from one clip to others."""

from __future__ import annotations

import numpy as np
import pytest

from mmalign.experiments.phase_transfer import (
    clock_labels,
    count,
    fixed_length_labels,
    floor_figures,
    part,
    summary,
    transfer_figures,
    transferred,
)
from mmalign.poses.pose_file import PoseSequence


def clip(frames: int, phases: int = 3) -> PoseSequence:
    """A body whose right wrist goes steadily from left to right."""
    keypoints = np.zeros((frames, 13, 2), np.float32)
    keypoints[..., 1] = 10 * np.arange(13)
    keypoints[:, 5, 0] = np.linspace(0, 200, frames)
    labels = np.minimum(np.arange(frames) * phases // frames, phases - 1)
    return PoseSequence(
        keypoints, np.ones((frames, 13), np.float32), (300, 300), 20.0, "penn13", labels
    )


def wrist(one: PoseSequence) -> np.ndarray:
    """What matters of such a clip."""
    return one.keypoints[:, 5]


def test_a_frame_without_a_counterpart_counts_as_wrong():
    one = clip(4, 2)
    given = [np.array([0, 0, -1, 1]), np.array([1, 0, 1, 1])]
    np.testing.assert_array_equal(count([one, one], given), [6, 7, 8])
    figures = summary([np.array([6, 7, 8]), np.array([8, 8, 8]), np.array([4, 8, 8])])
    assert figures["medoid"] == 6 / 8 and figures["matched"] == 7 / 8
    assert figures["on_matched"] == 6 / 7
    assert figures["others"] == 0.75 and figures["others_tenth"] == pytest.approx(0.55)
    assert set(summary([np.array([6, 7, 8])])) == {"medoid", "matched", "on_matched"}


@pytest.mark.parametrize("method", ["subsequence", "dtw", "nearest"])
def test_another_tempo_changes_no_phase(method):
    reference, other = clip(60), clip(90)
    (given,) = transferred(reference, wrist(reference), [wrist(other)], 20.0, method)
    found = given[given >= 0]
    assert len(found) > 80
    assert (found == other.labels[given >= 0]).mean() > 0.95


def test_windows_by_nearest_frames_and_by_the_clock():
    train = [clip(60), clip(90), clip(45)]
    windows = [part(clip(80), 30, 70), part(clip(50), 5, 30)]
    assert windows[0].num_frames == len(windows[0].labels) == 40
    figures, chosen = transfer_figures(
        train, {"trimmed": windows}, wrist, ["nearest"], others=range(3), most=1
    )
    assert figures["trimmed, nearest"]["medoid"] > 0.95
    assert len(chosen) == len(set(chosen)) == 2
    floors = floor_figures(train, {"trimmed": windows}, chosen)
    assert floors["trimmed, clock"]["medoid"] < 0.8
    assert floors["trimmed, fixed length, dtw"]["medoid"] < 0.95


def test_the_floors_know_whole_clips():
    reference, others = clip(60), [clip(90), clip(33)]
    for give in (clock_labels, fixed_length_labels):
        for given, one in zip(give(reference, others), others, strict=True):
            assert len(given) == one.num_frames
            assert (given == one.labels).mean() > 0.9
