"""Every metric against a slow, obvious implementation of the protocol's words."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import kendalltau
from sklearn.linear_model import LinearRegression
from sklearn.metrics import r2_score
from sklearn.svm import SVC

from mmalign.functional.dtw import dtw_path
from mmalign.functional.metrics import (
    event_error,
    kendalls_tau,
    phase_classification,
    phase_progression,
    retrieval_ap,
    trim_windows,
)

Clips = tuple[list[np.ndarray], list[np.ndarray]]


def make_clips(count: int, seed: int, dims: int = 12, lacking: int | None = 2) -> Clips:
    """Noisy phase-dependent embeddings; the second clip lacks a phase."""
    rng = np.random.default_rng(seed)
    centres = np.random.default_rng(99).normal(size=(4, dims))
    embeddings, labels = [], []
    for index in range(count):
        length = int(rng.integers(15, 32))
        phases = np.sort(np.concatenate([np.arange(4), rng.integers(0, 4, length - 4)]))
        if index == 1 and lacking is not None:
            phases = phases[phases != lacking]
        drift = np.linspace(0, 1, len(phases))[:, None]
        noise = rng.normal(size=(len(phases), dims))
        embeddings.append(centres[phases] + drift + 0.8 * noise)
        labels.append(phases)
    return embeddings, labels


TRAIN, VAL = make_clips(7, 1), make_clips(6, 2)


def squared(a: np.ndarray, b: np.ndarray) -> float:
    return float(((a - b) ** 2).sum())


def nearest(frame: np.ndarray, clip: np.ndarray) -> int:
    return int(np.argmin([squared(frame, other) for other in clip]))


@pytest.mark.parametrize("stride", [1, 2, 5])
def test_kendalls_tau(stride: int) -> None:
    taus = []
    for i, query in enumerate(VAL[0]):
        for j, support in enumerate(VAL[0]):
            if i != j:
                found = [nearest(f, support[::stride]) for f in query[::stride]]
                taus.append(kendalltau(range(len(found)), found).statistic)
    value, dropped = kendalls_tau(VAL[0], stride)
    assert value == pytest.approx(np.nanmean(taus), abs=1e-12)
    assert dropped == np.isnan(taus).sum()


def test_retrieval_ap() -> None:
    shares: dict[int, list[float]] = {5: [], 10: [], 15: []}
    embeddings, labels = VAL
    for i, query in enumerate(embeddings):
        others = [j for j in range(len(embeddings)) if j != i]
        support = np.concatenate([embeddings[j] for j in others])
        phases = np.concatenate([labels[j] for j in others])
        for frame, phase in zip(query, labels[i], strict=True):
            order = np.argsort([squared(frame, other) for other in support], kind="stable")
            for k, values in shares.items():
                values.append(float(np.mean(phases[order[:k]] == phase)))
    assert retrieval_ap(embeddings, labels) == pytest.approx(
        {k: np.mean(values) for k, values in shares.items()}, abs=1e-12
    )


@pytest.mark.parametrize("lacking", [None, 0, 1, 2, 3])
def test_phase_progression(lacking: int | None) -> None:
    train, val = make_clips(7, 1, lacking=lacking), make_clips(6, 2, lacking=lacking)

    def targets(clips: Clips, boundary: int) -> np.ndarray:
        values = []
        for phases in clips[1]:
            ends = [int(np.flatnonzero(phases == b)[-1]) if b in phases else None for b in range(3)]
            if ends[boundary] is None and boundary == 2:
                end = len(phases)
            else:
                known = [-1, *(e for e in ends[: boundary + 1] if e is not None)]
                end = known[-1]
            values += [(t - end) / len(phases) for t in range(len(phases))]
        return np.array(values)

    scores = []
    for boundary in range(3):
        model = LinearRegression().fit(np.concatenate(train[0]), targets(train, boundary))
        predicted = model.predict(np.concatenate(val[0]))
        scores.append(r2_score(targets(val, boundary), predicted))
    assert phase_progression(*train, *val) == pytest.approx(np.mean(scores), abs=1e-9)


def test_progression_of_a_boundary_that_no_frame_is_nearer_to_is_not_defined() -> None:
    """A frame per clip: each is as far from its boundary as the others."""
    train = make_clips(7, 1)
    val = [x[:1] for x in train[0]], [np.zeros(1, dtype=int)] * len(train[0])
    assert np.isnan(phase_progression(*train, *val))


@pytest.mark.parametrize(("fraction", "clips"), [(0.1, 1), (0.5, 3), (1.0, 7)])
def test_phase_classification(fraction: float, clips: int) -> None:
    model = SVC(decision_function_shape="ovo")
    model.fit(np.concatenate(TRAIN[0][:clips]), np.concatenate(TRAIN[1][:clips]))
    right = [
        model.predict(frame[None])[0] == phase
        for frames, phases in zip(*VAL, strict=True)
        for frame, phase in zip(frames, phases, strict=True)
    ]
    assert phase_classification(*TRAIN, *VAL, fraction) == pytest.approx(np.mean(right), abs=1e-12)


@pytest.mark.parametrize("aligner", ["nearest", "dtw"])
def test_event_error(aligner: str) -> None:
    embeddings, labels = VAL
    windows = trim_windows([len(phases) for phases in labels])
    errors = []
    for i, (a, e) in enumerate(windows):
        for j, (a_j, e_j) in enumerate(windows):
            for phase in range(3):
                if i == j or phase not in labels[i] or phase not in labels[j]:
                    continue
                end, end_j = (int(np.flatnonzero(labels[c] == phase)[-1]) for c in (i, j))
                if not (a <= end < e - 1 and a_j <= end_j < e_j - 1):
                    continue
                query, support = embeddings[i][a:e], embeddings[j][a_j:e_j]
                candidates = list(range(len(support)))
                if aligner == "dtw":
                    cost = np.array([[squared(f, g) for g in support] for f in query])
                    candidates = [int(c) for r, c in dtw_path(cost) if r == end - a]
                found = min(candidates, key=lambda c: squared(query[end - a], support[c]))
                errors.append(abs(found + a_j - end_j) / len(labels[j]))
    value, pairs = event_error(
        [x[a:e] for x, (a, e) in zip(embeddings, windows, strict=True)],
        [x[a:e] for x, (a, e) in zip(labels, windows, strict=True)],
        [len(x) for x in labels],
        aligner,
    )
    assert pairs == len(errors) > 20
    assert value == pytest.approx(np.mean(errors), abs=1e-12)


def test_trim_windows_follow_the_protocol() -> None:
    lengths = [40, 9, 3, 120, 77]
    generator = np.random.RandomState(0)  # noqa: NPY002 - the protocol's definition
    expected = []
    for length in lengths:
        w = max(8, int(generator.uniform(0.4, 0.8) * length))
        w = min(w, length)
        a = generator.randint(0, length - w + 1)
        expected.append((a, a + w))
    assert trim_windows(lengths) == expected
    assert trim_windows([43, 50])[0] == (0, 26)
