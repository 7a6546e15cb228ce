"""The toy task can be solved neither by the clock nor by looking at one frame."""

import pytest

from mmalign.datasets import ToyPoseDataset
from mmalign.datasets.evaluation_dataset import EvaluationDataset
from mmalign.evaluation.floors import floor_clips
from mmalign.functional.metrics import event_error, phase_classification
from mmalign.toy import list_activities

RAW_POSE = {"lift": (0.65, 0.84), "wave_squat": (0.5, 0.8), "throw": (0.5, 0.8), "pour": (0.4, 0.8)}


def trimmed(samples, name):
    clips = floor_clips(samples, name)
    train, windows = clips.train, clips.windows
    accuracy = phase_classification(
        [c.embedding for c in train],
        [c.labels for c in train],
        [c.embedding for c in windows],
        [c.labels for c in windows],
    )
    error, pairs = event_error(
        [c.embedding for c in windows],
        [c.labels for c in windows],
        [c.num_frames for c in windows],
    )
    assert pairs > 100
    return accuracy, error


@pytest.mark.parametrize("activity", list_activities())
def test_floors(activity):
    samples = [
        sample
        for split, window in EvaluationDataset.PARTS
        for sample in ToyPoseDataset(
            activity=activity, num_sequences=24, split=split, window=window
        )
    ]
    accuracy, error = trimmed(samples, "clock")
    assert accuracy < 0.72
    assert error > 0.10
    accuracy, error = trimmed(samples, "raw_pose")
    low, high = RAW_POSE[activity]
    assert low < accuracy < high
    assert error > 0.06
