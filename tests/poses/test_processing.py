import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mmalign.errors import InputError
from mmalign.poses.pose_file import PoseSequence
from mmalign.poses.processing import PoseProcessing, resample_sequence, resampled_length


def moving(frames, fps, speed=4.0):
    """Every joint moves steadily, in 2D and 3D; labels rise by one every half second."""
    t = np.arange(frames)[:, None] / fps
    x = 100 + speed * t + np.arange(13)
    return PoseSequence(
        keypoints=np.stack([x, 50 - x], axis=-1),
        scores=np.full((frames, 13), 0.5),
        frame_size=(270, 480),
        fps=fps,
        skeleton="penn13",
        labels=(np.arange(frames) / fps * 2).astype(int),
        track_id=3,
        keypoints3d=np.stack([x, x, x / 100], axis=-1),
    ).validate("test")


rates = st.sampled_from([12.5, 15.0, 20.0, 24.0, 25.0, 29.97, 30.0, 50.0, 60.0, 100.0])


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 80), rates, rates)
@example(64, 12.5, 24.0)  # A new frame half-way between two: in which of them it falls is exact.
def test_resampling_keeps_time_motion_and_labels(frames, old, new):
    sequence = moving(frames, old)
    changed = resample_sequence(sequence, new).validate("test")
    count = resampled_length(frames, old, new)
    assert changed.num_frames == count and changed.fps == new and changed.track_id == 3
    # The last frame is in the clip, and one more would not be.
    assert (count - 1) / new <= (frames - 1) / old + 1e-6 < count / new + 1e-6
    expected = moving(count, new)
    np.testing.assert_allclose(changed.keypoints, expected.keypoints, atol=1e-3)
    np.testing.assert_allclose(changed.keypoints3d, expected.keypoints3d, atol=1e-3)
    nearest = np.clip(np.rint(np.arange(count) * old / new), 0, frames - 1).astype(int)
    assert (np.abs(nearest / old - np.arange(count) / new) <= 0.5 / old + 1e-9).all()
    np.testing.assert_array_equal(changed.labels, sequence.labels[nearest])


def test_whole_ratios_take_frames_as_they_are():
    sequence = moving(21, 60.0)
    half = resample_sequence(sequence, 30.0)
    np.testing.assert_array_equal(half.keypoints, sequence.keypoints[::2])
    np.testing.assert_array_equal(half.labels, sequence.labels[::2])
    assert resample_sequence(sequence, 60.0) is sequence


def test_absent_joints_leak_into_no_new_frame():
    sequence = moving(20, 20.0)
    sequence.scores[7:10, 4] = 0
    sequence = sequence.validate("test")
    changed = resample_sequence(sequence, 33.0)
    present = changed.scores[:, 4] > 0
    assert not present.all()
    expected = moving(len(present), 33.0).keypoints[:, 4]
    # Beside a gap the nearer frame is taken: within half an old frame's motion.
    assert np.abs(changed.keypoints[:, 4] - expected)[present].max() <= 4.0 / 20 / 2 + 1e-3


@pytest.mark.parametrize("smooth", ["none", "savgol", "one-euro"])
def test_gaps_smoothing_and_rate_go_together_and_3d_follows(smooth):
    sequence = moving(40, 20.0)
    sequence.scores[10:13, 2] = 0
    sequence.scores[20:30, 3] = 0
    before = sequence.validate("test")
    after = PoseProcessing(3, smooth, 40.0)(sequence).validate("test")
    assert after.num_frames == 79
    assert (after.scores[:, 2] > 0).all()
    assert (after.scores[42:58, 3] == 0).all()
    expected = moving(79, 40.0)
    present = after.scores > 0
    tolerance = 1.0 if smooth == "one-euro" else 0.11
    assert np.abs(after.keypoints - expected.keypoints)[present].max() < tolerance
    assert np.abs(after.keypoints3d - expected.keypoints3d)[present].max() < tolerance
    np.testing.assert_array_equal(sequence.validate("test").keypoints, before.keypoints)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"max_gap": -1}, "gaps to fill: -1"),
        ({"smooth": "median"}, "smoothing 'median', expected one of none, savgol, one-euro"),
        ({"fps": 0.0}, "fps is 0.0, expected a positive"),
        ({"fps": float("nan")}, "fps is nan"),
    ],
)
def test_bad_options_are_named(options, message):
    with pytest.raises(InputError, match=message):
        PoseProcessing(**options)


def test_nothing_to_do_is_known():
    assert not PoseProcessing().active and PoseProcessing(max_gap=1).active
