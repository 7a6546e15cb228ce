"""Alignment of embeddings whose correspondence is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import softmax

from mmalign.functional.alignment import (
    METHODS,
    align_frames,
    frame_distances,
    path_positions,
    soft_positions,
)
from mmalign.functional.match_quality import fit_allowance

FPS = 30.0


def curve(positions: np.ndarray, dim: int = 12) -> np.ndarray:
    """Points of a smooth curve that never comes back to where it was, by place 0..90."""
    frequency = np.linspace(0.3, 2.0, dim) / 30
    return np.sin(np.asarray(positions, float)[:, None] * frequency + np.arange(dim) * 2.4)


def noisy(positions: np.ndarray, seed: int = 0) -> np.ndarray:
    points = curve(positions)
    return points + np.random.default_rng(seed).normal(0, 0.02, points.shape)


REFERENCE = np.arange(91.0)


@pytest.mark.parametrize("method", METHODS)
def test_tempo_changes_are_followed(method: str) -> None:
    truth = 90 * np.linspace(0, 1, 70) ** 1.4
    found = align_frames(curve(REFERENCE), noisy(truth), FPS, method)
    assert found.matched.mean() > 0.95
    error = np.abs(found.positions - truth)[found.matched]
    assert np.median(error) < 0.6 and error.max() < 4
    assert found.same_activity > 0.5


def test_positions_are_finer_than_a_frame() -> None:
    truth = np.arange(10, 80) + 0.4
    found = align_frames(curve(REFERENCE), curve(truth), FPS, "soft")
    assert np.abs(found.positions - truth).max() < 0.45


@pytest.mark.parametrize(("start", "end"), [(0, 40), (50, 91), (25, 70)])
def test_partial_overlap_on_either_side(start: int, end: int) -> None:
    truth = np.arange(start, end, 0.8)
    for a, b, expected in (
        (curve(REFERENCE), noisy(truth), truth),
        (noisy(truth), curve(REFERENCE), (REFERENCE - start) / 0.8),
    ):
        found = align_frames(a, b, FPS)
        inside = (expected >= 0) & (expected <= len(a) - 1)
        assert found.matched[inside].mean() > 0.9
        beyond = (expected < -12) | (expected > len(a) + 11)
        assert not found.matched[beyond].any()
        error = np.abs(found.positions - expected)[inside & found.matched]
        assert np.median(error) < 1


def test_waiting_has_no_counterpart_and_is_in_no_repetition() -> None:
    truth = np.concatenate([np.zeros(60), REFERENCE, np.full(80, 90.0), REFERENCE])
    found = align_frames(curve(REFERENCE), noisy(truth), FPS)
    assert len(found.occurrences) == 2
    expected = np.array([(60, 151), (231, 322)])
    assert np.abs(np.array(found.occurrences) - expected).max() <= 9
    assert not found.matched[:45].any() and not found.matched[170:215].any()
    assert (found.confidence[~found.matched] == 0).all()


def test_a_pause_in_the_middle_has_no_counterpart() -> None:
    truth = np.concatenate([np.arange(45.0), np.full(60, 45.0), np.arange(46.0, 91)])
    found = align_frames(curve(REFERENCE), noisy(truth), FPS)
    assert len(found.occurrences) == 1
    assert not found.matched[60:90].any()
    assert found.matched[:40].mean() > 0.9 and found.matched[-40:].mean() > 0.9


def test_another_order_is_another_activity() -> None:
    rng = np.random.default_rng(0)
    shuffled = np.concatenate([np.arange(a, a + 15) for a in rng.permutation([0, 15, 30, 45, 60])])
    other = align_frames(curve(REFERENCE), noisy(shuffled[::-1]), FPS)
    same = align_frames(curve(REFERENCE), noisy(REFERENCE), FPS)
    assert other.same_activity < 0.5 < same.same_activity


@pytest.mark.parametrize("method", METHODS)
def test_a_constant_difference_is_taken_away(method: str) -> None:
    truth = 90 * np.linspace(0, 1, 70) ** 1.4
    offset = np.random.default_rng(1).normal(0, 0.4, 12)
    plain = align_frames(curve(REFERENCE), noisy(truth), FPS, method)
    moved = align_frames(curve(REFERENCE), noisy(truth) + offset, FPS, method)
    assert moved.matched.mean() > 0.95 and moved.same_activity > 0.5
    assert np.abs(moved.positions - plain.positions)[moved.matched].max() < 1.5
    assert moved.offset == pytest.approx(plain.offset - offset, abs=0.15)


@given(seed=st.integers(0, 2**31), scale=st.floats(0.01, 100))
@settings(max_examples=15, deadline=None)
def test_the_unit_of_embeddings_means_nothing(seed: int, scale: float) -> None:
    rng = np.random.default_rng(seed)
    truth = np.sort(rng.uniform(0, 90, 50))
    one = align_frames(curve(REFERENCE), noisy(truth, seed), FPS)
    two = align_frames(curve(REFERENCE) * scale, noisy(truth, seed) * scale, FPS)
    assert two.positions == pytest.approx(one.positions, abs=1e-3)
    assert two.same_activity == pytest.approx(one.same_activity, abs=1e-3)
    assert two.allowance == pytest.approx(one.allowance * scale, rel=1e-3)


def test_a_pair_that_fits_badly_throughout_is_matched_all_the_same() -> None:
    truth = 90 * np.linspace(0, 1, 70) ** 1.4
    habits = np.random.default_rng(5).normal(0, 0.55, (4, 12))
    wander = np.sin(np.linspace(0, 9, 70)[:, None] * np.arange(1, 5)) @ habits
    found = align_frames(curve(REFERENCE), noisy(truth) + wander, FPS)
    assert found.allowance > 1.1 * fit_allowance(curve(REFERENCE))
    assert found.matched.mean() > 0.7
    plain = align_frames(curve(REFERENCE), noisy(truth), FPS)
    assert found.confidence.mean() < 0.6 * plain.confidence.mean()


def test_confidence_falls_with_the_distance() -> None:
    truth = np.arange(0, 90, 1.2)
    embedding = noisy(truth)
    clean = align_frames(curve(REFERENCE), embedding, FPS)
    noise = np.random.default_rng(1).normal(0, 0.35, (25, embedding.shape[1]))
    embedding[25:50] += noise
    worse = align_frames(curve(REFERENCE), embedding, FPS)
    assert worse.confidence[30:45].mean() < 0.7 * clean.confidence[30:45].mean()


def test_soft_positions_are_eq_3() -> None:
    distances = np.random.default_rng(0).uniform(0, 3, (7, 5)).astype(np.float32)
    weights = softmax(-distances.astype(float) / 0.2, axis=0)
    expected = (weights * np.arange(7)[:, None]).sum(axis=0)
    assert soft_positions(distances, 0.2) == pytest.approx(expected)


def test_path_positions_never_fall_and_cover_all_columns() -> None:
    path = np.array([(0, 3), (1, 3), (1, 4), (1, 5), (2, 6), (5, 7), (6, 7)])
    columns, positions = path_positions(path, 30.0)
    assert columns.tolist() == [3, 4, 5, 6, 7]
    assert (np.diff(positions) >= 0).all()


def test_a_reference_that_mostly_waits_keeps_its_allowance() -> None:
    waiting = np.concatenate([np.zeros(180), REFERENCE])
    assert fit_allowance(curve(waiting)) > 0.7 * fit_allowance(curve(REFERENCE))


def test_distances_are_scaled_by_the_dimension() -> None:
    a, b = np.zeros((2, 16)), np.full((3, 16), 2.0)
    assert frame_distances(a, b) == pytest.approx(np.full((2, 3), 2.0))


def test_constant_embeddings_do_not_fail() -> None:
    found = align_frames(np.ones((5, 4)), np.ones((6, 4)), FPS)
    assert np.isfinite(found.positions).all() and 0 <= found.same_activity <= 1


def test_unknown_method_is_refused() -> None:
    with pytest.raises(ValueError, match="method"):
        align_frames(np.ones((3, 2)), np.ones((3, 2)), FPS, "magic")


@pytest.mark.parametrize("method", METHODS)
def test_nothing_matched_is_no_repetition(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mmalign.functional.alignment._LEAST_FIT", 1.1)
    found = align_frames(curve(REFERENCE), noisy(REFERENCE), FPS, method)
    assert not found.matched.any() and not found.occurrences


def test_open_matches_a_pause_and_leaves_out_what_is_not_shown() -> None:
    truth = np.concatenate([np.arange(20.0, 45), np.full(60, 45.0), np.arange(46.0, 75)])
    found = align_frames(curve(REFERENCE), noisy(truth), FPS, "open")
    assert found.matched.all() and len(found.occurrences) == 1
    assert np.abs(found.positions - truth).max() < 4


def test_open_follows_each_of_several_executions() -> None:
    truth = np.concatenate([REFERENCE, np.full(60, 90.0), REFERENCE])
    found = align_frames(curve(REFERENCE), noisy(truth), FPS, "open")
    assert len(found.occurrences) == 2 and len(found.segments) == 2
    assert np.median(np.abs(found.positions - truth)[found.matched]) < 1
