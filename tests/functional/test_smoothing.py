import math

import numpy as np
import pytest

from mmalign.functional.smoothing import calm, one_euro, savgol


def noisy(seed=0, frames=60, joints=3):
    rng = np.random.default_rng(seed)
    t = np.arange(frames)[:, None, None] / 10
    clean = 100 + 30 * np.sin(t + np.arange(joints)[:, None] + np.array([0, 1.0]))
    return clean, clean + rng.normal(0, 2, clean.shape), np.ones((frames, joints))


@pytest.mark.parametrize("smooth", [savgol, lambda p, s: one_euro(p, s, fps=30.0)])
def test_noise_becomes_less_and_nothing_leaks_across_an_absence(smooth):
    clean, points, scores = noisy()
    steps = np.abs(np.diff(points - clean, axis=0)).mean()
    assert np.abs(np.diff(smooth(points, scores) - clean, axis=0)).mean() < 0.7 * steps
    scores[30:33, 1] = 0
    whole = smooth(points, scores)
    other = points.copy()
    other[:30] += 1000
    np.testing.assert_allclose(smooth(other, scores)[33:, 1], whole[33:, 1])
    np.testing.assert_array_equal(whole[30:33, 1], points[30:33, 1])
    # A part alone gives what it gives in the whole.
    np.testing.assert_allclose(smooth(points[33:], scores[33:])[:, 1], whole[33:, 1])


def test_savgol_keeps_parabolas_and_reduces_the_error():
    t = np.arange(20.0)
    parabola = np.stack([t**2 - 3 * t, 5 - t], axis=-1)[:, None]
    scores = np.ones((20, 1))
    scores[9] = 0  # runs of 9 and 10 frames
    np.testing.assert_allclose(savgol(parabola, scores), parabola, atol=1e-9)
    clean, points, scores = noisy()
    assert np.abs(savgol(points, scores) - clean).mean() < 0.8 * np.abs(points - clean).mean()


def test_calm_takes_jitter_out_and_leaves_a_stroke():
    clean, points, scores = noisy()
    stroke = 40 * np.exp(-((np.arange(60) - 30.0) ** 2) / 2)[:, None, None]
    jitter = np.abs(points - clean).mean()
    assert np.abs(calm(points, scores) - clean).mean() < 0.9 * jitter
    fast = slice(28, 33)
    left = np.abs(calm(points + stroke, scores) - clean - stroke)[fast].mean()
    blurred = np.abs(savgol(points + stroke, scores, 5) - clean - stroke)[fast].mean()
    assert left < 1.1 * np.abs(points - clean)[fast].mean() < blurred / 1.5


def test_calm_moves_nothing_by_more_than_savgol_and_no_absent_joint():
    _, points, scores = noisy()
    scores[30:33, 1] = 0
    moved = np.linalg.norm(calm(points, scores) - points, axis=-1)
    assert (moved <= np.linalg.norm(savgol(points, scores, 5) - points, axis=-1) + 1e-9).all()
    assert not moved[scores == 0].any() and moved[scores > 0].any()
    assert (calm(points, 0 * scores) == points).all()


@pytest.mark.parametrize("frames", [1, 2, 3, 4, 5, 6])
def test_savgol_takes_runs_shorter_than_its_window(frames):
    points = np.random.default_rng(0).normal(size=(frames, 1, 2))
    smooth = savgol(points, np.ones((frames, 1)))
    assert np.allclose(smooth, points) == (frames < 5)  # 3 points lie on a parabola


def one_euro_of_one_point(points, fps, min_cutoff, beta, derivative_cutoff):
    """The filter as Casiez et al. write it down, with the length of the speed in two dimensions."""

    def alpha(cutoff):
        tau, te = 1 / (2 * math.pi * cutoff), 1 / fps
        return 1 / (1 + tau / te)

    filtered, speed = [points[0]], np.zeros(2)
    for point in points[1:]:
        slope = (point - filtered[-1]) * fps
        a = alpha(derivative_cutoff)
        speed = a * slope + (1 - a) * speed
        a = alpha(min_cutoff + beta * math.hypot(*speed))
        filtered.append(a * point + (1 - a) * filtered[-1])
    return np.array(filtered)


def test_one_euro_is_the_published_filter_on_every_run():
    _, points, scores = noisy(joints=2)
    scores[20:25, 0] = 0
    smooth = one_euro(points, scores, 25.0, 0.8, 0.01, 1.2)
    for start, end, joint in ((0, 20, 0), (25, 60, 0), (0, 60, 1)):
        expected = one_euro_of_one_point(points[start:end, joint], 25.0, 0.8, 0.01, 1.2)
        np.testing.assert_allclose(smooth[start:end, joint], expected)
