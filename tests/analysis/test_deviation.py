"""Deviations with known answers."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from aligned import make_pair, make_poses
from hypothesis import given, settings
from hypothesis import strategies as st

from mmalign.analysis.deviation import find_deviations
from mmalign.analysis.executions import executions, runs
from mmalign.analysis.findings import Deviation, DeviationOptions, write_deviations
from mmalign.analysis.tempo import standstills, step_tempos, steps_of
from mmalign.analysis.worst_moments import worst_moments

N = 120
LABELS = np.repeat([0, 1, 2, 3], 30)
NAMES = ("bend", "lift", "dip", "put up")
REFERENCE = make_poses(np.arange(float(N)), N, LABELS)


def deviations(places: np.ndarray, **options) -> list[Deviation]:
    """Of somebody who is at these places, matched without error."""
    places = np.minimum(places, N - 1)
    pair = make_pair(places, N)
    other = make_poses(np.nan_to_num(places), N)
    return find_deviations(pair, REFERENCE, other, NAMES, DeviationOptions(**options))


def of_kind(rows: list[Deviation], kind: str) -> list[Deviation]:
    return [row for row in rows if row.kind == kind]


def test_a_copy_does_not_deviate() -> None:
    assert deviations(np.arange(float(N))) == []


@pytest.mark.parametrize("step", range(4))
def test_a_step_slowed_by_two_has_half_the_tempo_and_the_others_their_own(step: int) -> None:
    a, e = 30 * step, 30 * step + 30
    places = np.concatenate([np.arange(a), np.arange(a, e, 0.5), np.arange(e, N)]).astype(float)
    places = np.minimum(places, N - 1)
    (row,) = deviations(places)
    assert row.kind == "tempo" and row.unit == "x" and NAMES[step] in row.text
    assert row.magnitude == pytest.approx(0.5, abs=0.02)
    assert row.other_seconds == pytest.approx(a / 30, abs=0.04)
    pair = make_pair(places, N)
    tempos = step_tempos(pair, executions(pair)[0], steps_of(pair, LABELS, NAMES))
    for i, item in enumerate(tempos):
        assert item.tempo == pytest.approx(0.5 if i == step else 1.0, abs=0.05)


@given(st.floats(0.4, 2.5), st.integers(20, 70))
@settings(max_examples=40, deadline=None)
def test_the_tempo_of_the_whole_is_the_factor_of_the_time_whatever_the_rates(
    factor: float, fps: int
) -> None:
    seconds = (N - 1) / 30 / factor
    places = np.arange(0, seconds, 1 / fps) * factor * 30
    pair = make_pair(places, N, other_fps=float(fps))
    (item,) = step_tempos(pair, executions(pair)[0], steps_of(pair, None, ()))
    assert item.tempo == pytest.approx(factor, rel=0.06)


@pytest.mark.parametrize("step", range(4))
def test_a_removed_step_is_reported_missing_and_nothing_else(step: int) -> None:
    kept = LABELS != step
    rows = deviations(np.arange(float(N))[kept])
    assert [row.kind for row in rows] == ["missing step"]
    assert rows[0].magnitude == pytest.approx(1.0, abs=0.05)
    assert rows[0].reference_seconds == pytest.approx(step, abs=0.05)
    assert "left out" in rows[0].text and NAMES[step] in rows[0].text


def test_a_step_that_is_rushed_through_in_three_frames_is_missing_too() -> None:
    places = np.concatenate([np.arange(60), [65, 74, 83], np.arange(90, N)]).astype(float)
    rows = of_kind(deviations(places), "missing step")
    assert len(rows) == 1 and "dip" in rows[0].text


@pytest.mark.parametrize("matched", [True, False])
def test_a_pause_is_a_pause_whether_its_frames_have_a_counterpart_or_not(matched: bool) -> None:
    held = np.full(45, 40.0 if matched else np.nan)
    places = np.concatenate([np.arange(41.0), held, np.arange(41.0, N)])
    pair = make_pair(places, N)
    other = make_poses(np.where(np.isnan(places), 40.0, places), N)
    (row,) = find_deviations(pair, REFERENCE, other, NAMES)
    assert (row.kind, row.unit) == ("pause", "s")
    assert row.magnitude == pytest.approx(1.5, abs=0.05)
    assert row.other_seconds == pytest.approx(40 / 30, abs=0.05)
    assert row.reference_seconds == pytest.approx(40 / 30, abs=0.05)


def test_moving_without_a_counterpart_is_an_extra_part() -> None:
    extra = np.linspace(40, 100, 30)
    moving = np.concatenate([np.arange(41.0), extra, np.arange(41.0, N)])
    places = moving.copy()
    places[41:71] = np.nan
    rows = find_deviations(make_pair(places, N), REFERENCE, make_poses(moving, N), NAMES)
    assert [row.kind for row in rows] == ["extra part"]
    assert rows[0].magnitude == pytest.approx(1.0, abs=0.05)


def test_waiting_before_and_something_else_after_the_activity() -> None:
    after = 60 + 50 * np.sin(np.arange(60) / 5)
    moving = np.concatenate([np.zeros(30), np.arange(float(N)), after])
    places = moving.copy()
    places[:30] = places[-60:] = np.nan
    rows = find_deviations(make_pair(places, N), REFERENCE, make_poses(moving, N), NAMES)
    assert [(r.kind, r.magnitude, r.reference_seconds) for r in rows] == [
        ("idle", 1.0, None),
        ("extra part", 2.0, None),
    ]
    assert "before" in rows[0].text and "after" in rows[1].text


def test_each_repetition_is_reported_by_itself() -> None:
    slow = np.minimum(np.arange(0, N, 0.5), N - 1)
    places = np.concatenate([np.arange(float(N)), slow])
    pair = make_pair(places, N, [(0, N), (N, N + len(slow))])
    rows = find_deviations(pair, REFERENCE, make_poses(places, N), NAMES)
    assert {(row.kind, row.repetition) for row in rows} == {("tempo", 1)}
    assert len(rows) == 4


def test_an_arm_that_stays_down_is_the_worst_joint() -> None:
    places = np.arange(float(N))
    other = make_poses(places, N)
    resting = other.keypoints.copy()
    resting[:, [4, 6]] = resting[:1, [4, 6]]
    other.keypoints = resting
    rows = worst_moments(make_pair(places, N), REFERENCE, other, DeviationOptions(moments=3))
    assert 1 <= len(rows) <= 3
    assert all(row.text.startswith("left ") and row.unit == "degrees" for row in rows)
    sizes = [row.magnitude for row in rows]
    assert sizes == sorted(sizes, reverse=True)
    times = sorted(row.other_seconds for row in rows)
    assert (np.diff(times) >= 1.0 - 1e-9).all()
    # The shoulder opens by 0.9 pi until the end; the arm rests.
    assert sizes[0] == pytest.approx(np.degrees(0.9 * np.pi), abs=12)


def test_one_wild_frame_is_no_deviation() -> None:
    other = make_poses(np.arange(float(N)), N)
    other.keypoints = other.keypoints.copy()
    other.keypoints[50, 6] += 80
    assert worst_moments(make_pair(np.arange(float(N)), N), REFERENCE, other) == []


def test_nothing_in_common() -> None:
    (row,) = deviations(np.full(50, np.nan))
    assert row.kind == "no execution" and row.magnitude == N / 30


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_any_alignment_gives_finite_rows_in_order(seed: int) -> None:
    rng = np.random.default_rng(seed)
    m = int(rng.integers(1, 80))
    places = np.sort(rng.uniform(0, N - 1, m))
    places[rng.random(m) < rng.random()] = np.nan
    rows = deviations(places)
    times = [r.other_seconds if r.other_seconds is not None else r.reference_seconds for r in rows]
    assert times == sorted(times)
    assert all(np.isfinite(row.magnitude) and row.magnitude > 0 for row in rows)
    assert all(0 <= row.other_seconds < m / 30 for row in rows if row.other_seconds is not None)


@given(st.lists(st.booleans(), max_size=30))
@settings(deadline=None)
def test_runs_are_the_true_stretches(values: list[bool]) -> None:
    found = np.zeros(len(values), dtype=bool)
    for start, end in runs(np.array(values, dtype=bool)):
        assert start < end and not found[start:end].any()
        assert start == 0 or not values[start - 1]
        assert end == len(values) or not values[end]
        found[start:end] = True
    assert found.tolist() == values


def test_standstills_equal_a_loop() -> None:
    rng = np.random.default_rng(0)
    places = np.cumsum(rng.choice([0.0, 1.0], 200, p=[0.7, 0.3]))
    pair = make_pair(places, 200)
    window, slow = 6, set()
    for i in range(200 - window):
        if (places[i + window] - places[i]) / 30 < 0.05 * window / 30:
            slow |= set(range(i, i + window + 1))
    found = {f for a, e in standstills(pair, executions(pair)[0], 0.2) for f in range(a, e)}
    assert found == slow and slow


def test_json(tmp_path: Path) -> None:
    kept = LABELS != 2
    places = np.arange(float(N))[kept]
    path = write_deviations(tmp_path / "d.json", deviations(places), make_pair(places, N))
    content = json.loads(path.read_text(encoding="utf-8"))
    assert (content["reference"], content["other"]) == ("expert", "novice")
    assert [Deviation(**row).kind for row in content["deviations"]] == ["missing step"]
