"""Means over seeds and actions, deviations over seeds."""

from __future__ import annotations

import numpy as np
import pytest

from mmalign.evaluation.summary import mean_of, std_of, summarise


def result(value: float) -> dict:
    return {
        "published": {"acc@1.0": value, "tau": None if value > 0.85 else value},
        "trimmed": {"event_error": value / 10},
        "floors": {"clock": {"published": {"acc@1.0": 0.5}, "trimmed": {}}},
        "seed": 3,
    }


RESULTS = {
    "wave": {0: result(0.8), 7: result(0.7)},
    "jump": {0: result(0.6), 7: result(0.9)},
}


def test_mean_and_std_through_nested_mappings() -> None:
    assert mean_of([{"a": {"b": 1}}, {"a": {"b": 2.0}}]) == {"a": {"b": 1.5}}
    assert std_of([1.0, 2.0, 4.0]) == pytest.approx(np.std([1, 2, 4], ddof=1))
    assert std_of([{"a": 1.0}]) == {"a": None}
    assert mean_of([1.0, None]) is None and mean_of([1.0, float("nan")]) is None


def test_summary_of_actions_and_seeds() -> None:
    summary = summarise(RESULTS)
    wave, jump = summary["actions"]["wave"], summary["actions"]["jump"]
    assert wave["published"]["acc@1.0"] == pytest.approx(0.75)
    assert wave["std"]["published"]["acc@1.0"] == pytest.approx(np.std([0.8, 0.7], ddof=1))
    assert wave["per_seed"]["7"]["trimmed"]["event_error"] == pytest.approx(0.07)
    assert wave["floors"]["clock"]["published"] == {"acc@1.0": 0.5}
    assert jump["published"]["tau"] is None
    assert summary["mean"]["published"]["acc@1.0"] == pytest.approx(0.75)
    assert summary["mean"]["floors"]["clock"]["published"]["acc@1.0"] == 0.5
    # Seeds' means over the actions are 0.7 and 0.8: less spread than either action has.
    assert summary["std"]["published"]["acc@1.0"] == pytest.approx(np.std([0.7, 0.8], ddof=1))
    assert summary["seeds"] == [0, 7]


def test_parts_of_fused_networks_are_averaged_too():
    parted = {
        action: {
            seed: {**run, "modalities": {"rgb": {"trimmed": {"acc@1.0": 0.1 * (seed + 1)}}}}
            for seed, run in by_seed.items()
        }
        for action, by_seed in RESULTS.items()
    }
    summary = summarise(parted)
    assert summary["mean"]["modalities"]["rgb"]["trimmed"]["acc@1.0"] == pytest.approx(0.45)
    assert "modalities" not in summarise(RESULTS)["mean"]


def test_what_an_earlier_result_lacks_is_undefined():
    earlier, later = {"published": {"tau": 0.5}}, {"published": {"tau": 0.7, "new": 1.0}, "more": 1}
    expected = {"published": {"tau": pytest.approx(0.6), "new": None}, "more": None}
    assert mean_of([earlier, later]) == mean_of([later, earlier]) == expected
    assert std_of([earlier, later])["published"]["new"] is None
    assert mean_of([{}, {"rgb": {"tau": 1.0}}]) == {"rgb": {"tau": None}}
