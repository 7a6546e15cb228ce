"""The time that executions share: known warps, invariants."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mmalign.functional.template import common_times


def executions(speeds, seed=0, noise=0.0):
    """Curves that pass the same places, each at a speed of its own, and where each frame stands."""
    rng = np.random.default_rng(seed)
    clips, truths = [], []
    for power, length in speeds:
        truth = np.linspace(0, 1, length) ** power
        angle = 3 * truth
        curve = np.stack([np.cos(angle), np.sin(angle), truth], axis=1)
        clips.append((curve + noise * rng.normal(size=curve.shape)).astype(np.float32))
        truths.append(truth)
    return clips, truths


def disagreement(times, truths):
    """Largest difference of the common times of two clips at one and the same place."""
    places = np.linspace(0, 1, 50)
    at = np.stack([np.interp(places, truth, t) for t, truth in zip(times, truths, strict=True)])
    return float((at.max(axis=0) - at.min(axis=0)).max())


def test_clips_of_different_tempo_agree_on_the_time_of_every_place():
    clips, truths = executions([(1.0, 80), (1.6, 50), (0.6, 120), (1.3, 64)], noise=0.01)
    linear = [np.linspace(0, 1, len(clip)) for clip in clips]
    assert disagreement(linear, truths) > 0.25
    assert disagreement(common_times(clips), truths) < 0.06


def test_equal_clips_share_their_own_time():
    clips, _ = executions([(1.0, 64)] * 3)
    for time in common_times(clips):
        np.testing.assert_allclose(time, np.linspace(0, 1, 64), atol=0.02)


@given(
    st.lists(st.integers(1, 40), min_size=1, max_size=5),
    st.integers(0, 2**31),
    st.sampled_from([4, 16, 64]),
)
def test_times_rise_strictly_from_0_to_1(lengths, seed, length):
    rng = np.random.default_rng(seed)
    clips = [rng.normal(size=(n, 3)).astype(np.float32) for n in lengths]
    for clip, time in zip(clips, common_times(clips, length=length), strict=True):
        assert time.shape == (len(clip),) and time[0] == 0
        if len(clip) > 1:
            assert abs(time[-1] - 1) < 1e-9 and (np.diff(time) > 0).all()
