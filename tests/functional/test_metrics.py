"""Invariants, edge cases and argument checks of the metrics."""

from __future__ import annotations

import itertools
import time

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist
from scipy.stats import kendalltau, ortho_group

from mmalign.errors import InputError
from mmalign.functional.metrics import (
    ClipOrder,
    FrameRetrieval,
    compare_clips,
    event_error,
    fit_phase_classifier,
    inner_boundaries,
    kendalls_tau,
    phase_accuracy,
    phase_classification,
    phase_ends,
    phase_progression,
    progression_targets,
    retrieval_ap,
    tau_b,
    trim_windows,
)
from mmalign.functional.metrics.retrieval import share_of_matches

SEEDS = st.integers(0, 2**32 - 1)


def random_clips(seed: int, count: int = 5, dims: int = 10) -> tuple[list, list]:
    rng = np.random.default_rng(seed)
    lengths = rng.integers(6, 20, count)
    labels = [np.sort(rng.integers(0, 3, length)) for length in lengths]
    return [rng.normal(size=(length, dims)) + 0.5 for length in lengths], labels


@given(SEEDS)
@settings(max_examples=20, deadline=None)
def test_rotation_shift_and_scale_change_nothing(seed: int) -> None:
    embeddings, labels = random_clips(seed)
    turn = ortho_group.rvs(10, random_state=seed % 1000)
    moved = [3.0 * clip @ turn + 2.0 for clip in embeddings]
    lengths = [2 * len(clip) for clip in labels]
    assert kendalls_tau(moved) == pytest.approx(kendalls_tau(embeddings))
    assert retrieval_ap(moved, labels) == pytest.approx(retrieval_ap(embeddings, labels))
    for aligner in ("nearest", "dtw"):
        assert event_error(moved, labels, lengths, aligner) == pytest.approx(
            event_error(embeddings, labels, lengths, aligner), nan_ok=True
        )
    half = slice(0, 2), slice(2, None)
    args = [x[part] for part in half for x in (embeddings, labels)]
    moved_args = [x[part] for part in half for x in (moved, labels)]
    assert phase_progression(*moved_args) == pytest.approx(phase_progression(*args), abs=1e-6)


@given(SEEDS)
@settings(max_examples=20, deadline=None)
def test_order_of_clips_changes_nothing(seed: int) -> None:
    embeddings, labels = random_clips(seed)
    order = np.random.default_rng(seed).permutation(len(labels))
    shuffled = [embeddings[i] for i in order], [labels[i] for i in order]
    assert kendalls_tau(shuffled[0]) == pytest.approx(kendalls_tau(embeddings))
    assert retrieval_ap(*shuffled) == pytest.approx(retrieval_ap(embeddings, labels))
    assert event_error(*shuffled, [50] * 5) == pytest.approx(
        event_error(embeddings, labels, [50] * 5), nan_ok=True
    )


@given(SEEDS)
@settings(max_examples=20, deadline=None)
def test_phase_names_change_nothing_in_retrieval(seed: int) -> None:
    embeddings, labels = random_clips(seed)
    renamed = [np.array([7, 3, 5])[phases] for phases in labels]
    assert retrieval_ap(embeddings, renamed) == retrieval_ap(embeddings, labels)


@given(st.integers(2, 40), st.integers(1, 12), SEEDS)
@settings(max_examples=60, deadline=None)
def test_tau_b_equals_scipy(length: int, values: int, seed: int) -> None:
    rows = np.random.default_rng(seed).integers(0, values, (3, length))
    expected = [kendalltau(np.arange(length), row).statistic for row in rows]
    np.testing.assert_allclose(tau_b(rows), expected, atol=1e-12)


def test_tau_b_of_numbers_that_are_no_places() -> None:
    rows = np.random.default_rng(0).normal(size=(4, 30)).round(1)
    expected = [kendalltau(np.arange(30), row).statistic for row in rows]
    np.testing.assert_allclose(tau_b(rows), expected, atol=1e-12)
    np.testing.assert_allclose(tau_b(rows.round() + 2**16), tau_b(rows.round()), atol=1e-12)


def slow_tau(embeddings: list, stride: int) -> tuple[float, int]:
    """Tau of every pair by itself, as CARL's code has it."""
    taus = []
    for query, support in itertools.permutations([clip[::stride] for clip in embeddings], 2):
        nearest = cdist(query, support, "sqeuclidean").argmin(axis=1)
        taus.append(kendalltau(np.arange(len(query)), nearest).statistic)
    return float(np.nanmean(taus)), int(np.isnan(taus).sum())


def slow_precision(embeddings: list, labels: list, k: int) -> float:
    """Every frame by itself, the k nearest sorted out of all others."""
    hits = []
    for clip, query in enumerate(embeddings):
        support = np.concatenate([e for i, e in enumerate(embeddings) if i != clip])
        phases = np.concatenate([lab for i, lab in enumerate(labels) if i != clip])
        for frame, phase in zip(query, labels[clip], strict=True):
            nearest = np.argsort(((support - frame) ** 2).sum(axis=1))[:k]
            hits.append((phases[nearest] == phase).sum() / min(k, len(phases)))
    return float(np.mean(hits))


@pytest.mark.parametrize("cells", [1, 300, 1 << 22])
@given(SEEDS, st.integers(1, 3))
@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_one_pass_over_the_distances_equals_plain_loops(
    monkeypatch: pytest.MonkeyPatch, cells: int, seed: int, stride: int
) -> None:
    monkeypatch.setattr("mmalign.functional.metrics.neighbours._CELLS", cells)
    embeddings, labels = random_clips(seed)
    order = ClipOrder([len(clip) for clip in labels], stride)
    retrieval = FrameRetrieval(labels, (1, 5, 100))
    compare_clips(embeddings, order, retrieval)
    assert order.tau() == pytest.approx(slow_tau(embeddings, stride))
    assert kendalls_tau(embeddings, stride) == pytest.approx(slow_tau(embeddings, stride))
    expected = {k: slow_precision(embeddings, labels, k) for k in (1, 5, 100)}
    assert retrieval.precisions() == pytest.approx(expected)
    assert retrieval_ap(embeddings, labels, (1, 5, 100)) == pytest.approx(expected)


@given(SEEDS)
@settings(max_examples=20, deadline=None)
def test_retrieval_among_ties_counts_each_for_its_probability(seed: int) -> None:
    rng = np.random.default_rng(seed)
    embeddings = [rng.integers(0, 3, (length, 1)) for length in (4, 9, 70, 150)]
    labels = [rng.integers(0, 2, len(clip)) for clip in embeddings]
    every, phases = np.concatenate(embeddings).ravel(), np.concatenate(labels)
    clip_of = np.repeat(np.arange(4), [len(clip) for clip in embeddings])
    shares = []
    for value, phase, clip in zip(every, phases, clip_of, strict=True):
        distances = np.abs(every - value)[clip_of != clip]
        matches = (phases == phase)[clip_of != clip]
        taken, left = 0.0, 7
        for distance in np.unique(distances):
            tied = matches[distances == distance]
            taken += tied.mean() * min(left, len(tied))
            left -= min(left, len(tied))
        shares.append(taken / 7)
    assert retrieval_ap(embeddings, labels, (7,))[7] == pytest.approx(np.mean(shares))


def test_tau_of_perfect_reversed_and_undefined() -> None:
    ramp = np.arange(10.0)[:, None]
    assert kendalls_tau([ramp, ramp]) == (1.0, 0)
    assert kendalls_tau([ramp, -ramp - 3])[0] != 1.0
    assert kendalls_tau([ramp, ramp[::-1]]) == (-1.0, 0)
    value, dropped = kendalls_tau([ramp, ramp, ramp[:1]])
    assert value == 1.0 and dropped == 4
    assert np.isnan(kendalls_tau([ramp])[0])


def test_ties_share_the_last_places() -> None:
    distances = np.array([[2.0, 1.0, 1.0, 0.0, 1.0]])
    matches = np.array([[True, True, False, True, False]])
    assert share_of_matches(distances, matches, 1) == [1.0]
    assert share_of_matches(distances, matches, 2) == pytest.approx([(1 + 1 / 3) / 2])
    assert share_of_matches(distances, matches, 4) == pytest.approx([2 / 4])
    assert share_of_matches(distances, matches, 5) == pytest.approx([3 / 5])


@given(st.integers(1, 30), st.integers(1, 12), SEEDS)
@settings(max_examples=60, deadline=None)
def test_share_of_matches_is_the_mean_over_orders(columns: int, k: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    distances = rng.random((4, columns))
    matches = rng.random((4, columns)) < 0.5
    k = min(k, columns)
    order = np.argsort(distances, axis=1)[:, :k]
    expected = np.take_along_axis(matches, order, axis=1).mean(axis=1)
    np.testing.assert_allclose(share_of_matches(distances, matches, k), expected)
    order = rng.permutation(columns)
    coarse = np.round(3 * distances)
    np.testing.assert_allclose(
        share_of_matches(coarse, matches, k),
        share_of_matches(coarse[:, order], matches[:, order], k),
    )


def test_retrieval_never_counts_the_query() -> None:
    rng = np.random.default_rng(0)
    clips = [rng.normal(size=(4, 3)) + 100 * i for i in range(2)]
    labels = [np.zeros(4, int), np.ones(4, int)]
    assert retrieval_ap(clips, labels, (3,)) == {3: 0.0}
    assert np.isnan(retrieval_ap(clips[:1], labels[:1], (3,))[3])


def test_background_is_dropped_on_both_sides() -> None:
    embeddings, labels = random_clips(4)
    keep = [phases != 1 for phases in labels]
    cut = [e[k] for e, k in zip(embeddings, keep, strict=True)]
    cut_labels = [lab[k] for lab, k in zip(labels, keep, strict=True)]
    assert retrieval_ap(embeddings, labels, background=1) == retrieval_ap(cut, cut_labels)
    assert phase_classification(
        embeddings[:3], labels[:3], embeddings[3:], labels[3:], background=1
    ) == phase_classification(cut[:3], cut_labels[:3], cut[3:], cut_labels[3:])


@pytest.mark.parametrize("classifier", ["svc", "logreg"])
def test_classifiers_learn_separable_phases(classifier: str) -> None:
    _, labels = random_clips(3)
    embeddings = [np.eye(3)[phases] for phases in labels]
    args = embeddings[:3], labels[:3], embeddings[3:], labels[3:]
    assert phase_classification(*args, classifier=classifier) == 1.0


def test_single_phase_is_predicted_constantly() -> None:
    model = fit_phase_classifier([np.zeros((3, 2))], [np.ones(3, int)])
    assert phase_accuracy(model, [np.zeros((2, 2))], [np.array([1, 0])]) == 0.5
    flat = [np.zeros((3, 2))], [np.zeros(3, int)]
    assert np.isnan(phase_progression(*flat, *flat))


def test_boundaries() -> None:
    labels = np.array([0, 0, 2, 2, 3])
    assert phase_ends(labels, 5).tolist() == [1, -1, 3, 4, -1]
    assert inner_boundaries(labels, 4).tolist() == [1, -1, 3]
    assert inner_boundaries(labels[:4], 4).tolist() == [1, -1, -1]
    targets = progression_targets(labels, 4) * 5
    np.testing.assert_allclose(targets[0], [-1, -1, -3])
    np.testing.assert_allclose(progression_targets(labels, 5)[0] * 5, [-1, -1, -3, -4])


@given(st.lists(st.integers(1, 300), min_size=1, max_size=20), st.integers(0, 5))
@settings(max_examples=40, deadline=None)
def test_windows_lie_inside(lengths: list[int], seed: int) -> None:
    for length, (first, last) in zip(lengths, trim_windows(lengths, seed), strict=True):
        assert 0 <= first < last <= length
        assert last - first >= min(8, length)


def test_event_error_of_identical_windows_is_zero() -> None:
    clip = np.random.default_rng(0).normal(size=(12, 4))
    labels = np.repeat([0, 1, 2], 4)
    assert event_error([clip, clip], [labels, labels], [20, 20]) == (0.0, 4)
    value, pairs = event_error([clip[:4], clip], [labels[:4], labels], [20, 20])
    assert np.isnan(value) and pairs == 0


def test_bad_arguments() -> None:
    embeddings, labels = random_clips(0)
    with pytest.raises(InputError, match="tau_stride"):
        kendalls_tau(embeddings, 0)
    with pytest.raises(InputError, match="ks"):
        retrieval_ap(embeddings, labels, (0,))
    with pytest.raises(InputError, match="aligner"):
        event_error(embeddings, labels, [50] * 5, "spline")
    with pytest.raises(InputError, match="classifier"):
        fit_phase_classifier(embeddings, labels, classifier="forest")
    with pytest.raises(InputError, match="fraction"):
        fit_phase_classifier(embeddings, labels, fraction=0.0)
    with pytest.raises(InputError, match="background"):
        fit_phase_classifier(embeddings[:1], [np.zeros_like(labels[0])], background=0)
    with pytest.raises(InputError, match="lengths"):
        trim_windows([4, 0])


@pytest.mark.slow
def test_benchmark_size_takes_seconds() -> None:
    rng = np.random.default_rng(0)
    clips = [rng.normal(size=(50, 192)).astype(np.float32) for _ in range(100)]
    labels = [np.sort(rng.integers(0, 3, 50)) for _ in range(100)]
    start = time.process_time()
    kendalls_tau(clips)
    retrieval_ap(clips, labels)
    event_error(clips, labels, [80] * 100, "dtw")
    assert time.process_time() - start < 15
