"""The anomaly score on sequences whose anomalies are known, and its calibration."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from mmalign.analysis.anomaly import AnomalyDetector, dtw_costs
from mmalign.errors import InputError
from mmalign.functional.dtw import dtw_path

FPS = 30.0


def curve(places: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Embeddings ``(T, 8)`` of places in [0, 1] along a curve that does not cross itself."""
    angles = np.asarray(places)[:, None] * np.array([2.0, 3.0, 5.0, 7.0])
    clean = np.concatenate([np.sin(angles), np.cos(angles)], axis=1)
    return clean + rng.normal(0, 0.02, clean.shape)


def normal_places(rng: np.random.Generator) -> np.ndarray:
    """From 0 to 1 at a tempo that varies a little."""
    steps = rng.lognormal(0, 0.15, 8).repeat(rng.integers(8, 12))
    return np.cumsum(steps) / steps.sum()


def make(seed: int, count: int) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [curve(normal_places(rng), rng) for _ in range(count)]


@pytest.fixture(scope="module")
def detector() -> AnomalyDetector:
    detector = AnomalyDetector(make(0, 16), FPS)
    detector.calibrate(make(1, 39), 0.05)
    return detector


@pytest.mark.parametrize("kind", ["skipped", "repeated", "slowed", "backwards", "else"])
def test_anomalies_are_found_where_they_are(detector: AnomalyDetector, kind: str) -> None:
    rng = np.random.default_rng(5)
    places = normal_places(rng)
    a, e = np.searchsorted(places, [0.4, 0.65])
    changed = {
        "skipped": np.concatenate([places[:a], places[e:]]),
        "repeated": np.concatenate([places[:e], places[a:e][::-1], places[a:]]),
        "slowed": np.concatenate([places[:a], places[a:e].repeat(4), places[e:]]),
        "backwards": np.concatenate([places[:a], places[a:e][::-1], places[e:]]),
        "else": places,
    }[kind]
    embedding = curve(changed, rng)
    if kind == "else":
        embedding[a:e] += 3.0
    found = detector(embedding)
    assert found.is_anomaly
    assert found.frames.shape == (len(changed),) and np.isfinite(found.frames).all()
    low, high = (a - 5, a + 5) if kind == "skipped" else (a - 5, len(changed) - len(places) + e + 5)
    assert low <= found.worst_frame <= high
    assert (found.tempo.max() > found.distance.max()) == (kind == "slowed")


def test_a_slow_step_shows_in_the_duration_where_tempo_varies() -> None:
    rng = np.random.default_rng(7)

    def uneven(slow: bool = False) -> np.ndarray:
        """Ten steps of very different tempo in about 80 frames; the slow one takes four times."""
        frames = rng.dirichlet(np.full(10, 3.0)) * 80 + 1
        frames[int(rng.integers(10))] *= 4 if slow else 1
        ends = np.cumsum(frames)
        return curve(np.interp(np.arange(ends[-1]), [0, *ends], np.linspace(0, 1, 11)), rng)

    detector = AnomalyDetector([uneven() for _ in range(16)], FPS)
    normal = [detector(uneven()).score for _ in range(20)]
    slowed = [detector(uneven(slow=True)).score for _ in range(20)]
    assert np.mean(np.array(slowed)[:, None] > np.array(normal)) > 0.95


def test_false_alarms_are_as_rare_as_asked(detector: AnomalyDetector) -> None:
    flagged = np.mean([detector(x).is_anomaly for x in make(2, 200)])
    # 5 % with the threshold from 39 clips: its own spread is 3.4 %.
    assert flagged <= 0.05 + 3 * 0.034


def test_dtw_costs_equal_one_by_one() -> None:
    x, *others = make(3, 4)
    expected = []
    for other in others:
        distances = cdist(x, other) / np.sqrt(x.shape[1])
        path = dtw_path(distances)
        expected.append(distances[path[:, 0], path[:, 1]].mean())
    np.testing.assert_allclose(dtw_costs(x, others), expected, rtol=1e-4)


@given(st.integers(1, 60), st.floats(0.01, 0.99))
@settings(max_examples=60, deadline=None)
def test_the_threshold_is_the_conformal_quantile(count: int, rate: float) -> None:
    scores = np.random.default_rng(count).permutation(count).astype(float)

    class Fixed(AnomalyDetector):
        def __init__(self) -> None:
            self.threshold = float("nan")

        def __call__(self, embedding):
            return type("Score", (), {"score": float(embedding)})()

    detector = Fixed()
    try:
        threshold = detector.calibrate(list(scores), rate)
    except InputError as error:
        assert 1 / (count + 1) > rate - 1e-9 and "held-out" in str(error)
        return
    # A further one is equally likely to fall at each of the count + 1 ranks.
    above = count - 1 - threshold
    assert (above + 1) / (count + 1) <= rate + 1e-9


def test_too_few() -> None:
    with pytest.raises(InputError, match="at least 4"):
        AnomalyDetector(make(0, 3), FPS)
    detector = AnomalyDetector(make(0, 4), FPS)
    with pytest.raises(InputError, match="at least 19"):
        detector.calibrate(make(1, 5), 0.05)
    with pytest.raises(InputError, match="between 0 and 1"):
        detector.calibrate(make(1, 5), 0.0)
    assert not detector(make(2, 1)[0]).is_anomaly  # Not calibrated: no verdict.
