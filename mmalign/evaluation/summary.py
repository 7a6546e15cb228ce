"""Summaries of several runs: means over seeds and actions, deviations over seeds."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mmalign.evaluation.protocol import PROTOCOLS


def mean_of(results: Sequence[Any]) -> Any:
    """Mean of figures, entry by entry through nested mappings.

    Args:
        results: Numbers (or None, undefined), or mappings of such; what one lacks, as a result of
            before a figure was there, is undefined.

    Returns:
        The same shape; an entry that is undefined in any result is None.
    """
    return _combine(results, statistics.fmean)


def std_of(results: Sequence[Any]) -> Any:
    """Sample standard deviation (n - 1) of figures, as ``mean_of``; None for a single result."""
    return _combine(results, lambda values: statistics.stdev(values) if len(values) > 1 else None)


def summarise_action(by_seed: Mapping[int, Mapping[str, Any]]) -> dict[str, Any]:
    """Summarise the runs of one action.

    Args:
        by_seed: Per seed the content of the run's ``metrics.json``.

    Returns:
        ``published``, ``trimmed``, ``floors``, of fused networks ``modalities`` and, where it is
        known, ``training`` (steps and seconds): means over the seeds; ``std`` of the first two over
        the seeds; ``per_seed``: all but ``std`` for each seed.
    """
    runs = list(by_seed.values())
    sections = _sections(runs)
    return {
        **{name: mean_of([run[name] for run in runs]) for name in sections},
        "std": {name: std_of([run[name] for run in runs]) for name in PROTOCOLS},
        "per_seed": {str(seed): {n: run[n] for n in sections} for seed, run in by_seed.items()},
    }


def summarise(results: Mapping[str, Mapping[int, Mapping[str, Any]]]) -> dict[str, Any]:
    """Summarise an experiment of one model per action and seed.

    Args:
        results: Per action and seed the content of the run's ``metrics.json``.

    Returns:
        ``actions`` (see ``summarise_action``); ``mean`` over actions and seeds; ``std``: deviation
        over the seeds of the mean over the actions; ``seeds``; ``data_hashes``: per action that of
        the data of its runs.
    """
    actions = {action: summarise_action(by_seed) for action, by_seed in results.items()}
    seeds = list(next(iter(results.values())))
    per_seed = [
        {name: mean_of([by_seed[seed][name] for by_seed in results.values()]) for name in PROTOCOLS}
        for seed in seeds
    ]
    return {
        "actions": actions,
        "mean": {
            name: mean_of([action[name] for action in actions.values()])
            for name in _sections(actions.values())
        },
        "std": std_of(per_seed),
        "seeds": seeds,
        "data_hashes": {
            action: next(iter(by_seed.values())).get("data_hash")
            for action, by_seed in results.items()
        },
    }


def _sections(results: Iterable[Mapping[str, Any]]) -> list[str]:
    """What is averaged of results: what all of them have."""
    results = list(results)
    optional = [name for name in ("modalities", "training") if all(name in r for r in results)]
    return [*PROTOCOLS, "floors", *optional]


def _combine(results: Sequence[Any], function: Any) -> Any:
    if mappings := [result for result in results if isinstance(result, Mapping)]:
        keys = dict.fromkeys(key for mapping in mappings for key in mapping)
        parts = {key: [(result or {}).get(key) for result in results] for key in keys}
        return {key: _combine(part, function) for key, part in parts.items()}
    if any(value is None or math.isnan(value) for value in results):
        return None
    return function([float(value) for value in results])
