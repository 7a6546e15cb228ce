"""The figures of the evaluation protocol, in one table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from mmalign.evaluation.clip import ClipSet
from mmalign.functional.metrics import (
    ClipOrder,
    FrameRetrieval,
    compare_clips,
    event_error,
    fit_phase_classifier,
    kendalls_tau,
    phase_accuracy,
    phase_progression,
    retrieval_ap,
)

PROTOCOLS = {"published": "Published protocol", "trimmed": "Trimmed protocol"}
"""Both protocols, and the headings of their tables."""

ACCURACIES = {f"acc@{share}": share for share in (0.1, 0.5, 1.0)}
"""Figures of phase classification: the share of the clips that the classifier is fitted on."""

PRECISIONS = {f"AP@{k}": k for k in (5, 10, 15)}
"""Figures of retrieval: the number of neighbours that are looked at."""


@dataclass(frozen=True)
class Metric:
    """A figure of the evaluation.

    Attributes:
        name: Its key in ``metrics.json``, and its name in every table.
        meaning: What it says, in one line.
        compute: Gives it. It takes the clips that what is fitted is fitted on, then those scored.
        protocols: Names of the protocols that have it.
        higher_is_better: None for a count or a setting, which stands in ``metrics.json`` alone.
        ordered: Whether it needs clips that run through their phases once, in order.
    """

    name: str
    meaning: str
    compute: Callable[[ClipSet, ClipSet], float]
    protocols: tuple[str, ...] = tuple(PROTOCOLS)
    higher_is_better: bool | None = True
    ordered: bool = False


def _classifier(fitted: ClipSet, share: float) -> Any:
    options = fitted.options
    return fit_phase_classifier(
        fitted.embeddings, fitted.labels, share, options.classifier, options.background
    )


def _accuracy(share: float, fitted: ClipSet, scored: ClipSet) -> float:
    model = fitted.once(_classifier, share)
    return phase_accuracy(model, scored.embeddings, scored.labels, scored.options.background)


def _neighbours(scored: ClipSet) -> tuple[tuple[float, int], dict[int, float]]:
    """Tau, if asked for, and precisions: of the same distances, if they look at the same frames."""
    options, ks = scored.options, tuple(PRECISIONS.values())
    if not scored.with_tau:
        tau = float("nan"), 0
    elif options.background is not None:
        tau = kendalls_tau(scored.embeddings, options.tau_stride)
    else:
        order = ClipOrder([len(labels) for labels in scored.labels], options.tau_stride)
        retrieval = FrameRetrieval(scored.labels, ks)
        compare_clips(scored.embeddings, order, retrieval)
        return order.tau(), retrieval.precisions()
    return tau, retrieval_ap(scored.embeddings, scored.labels, ks, options.background)


def _precision(k: int, fitted: ClipSet, scored: ClipSet) -> float:
    return scored.once(_neighbours)[1][k]


def _events(scored: ClipSet) -> tuple[float, int]:
    lengths = [clip.num_frames for clip in scored.clips]
    return event_error(scored.embeddings, scored.labels, lengths, scored.options.aligner)


_TABLE = (
    *(
        Metric(
            name,
            f"accuracy of a phase classifier fitted on the first {share:.0%} of the training clips",
            partial(_accuracy, share),
        )
        for name, share in ACCURACIES.items()
    ),
    Metric(
        "progress",
        "R² of linear regressions of a frame's distance in time to every phase boundary",
        lambda fitted, scored: phase_progression(
            fitted.embeddings, fitted.labels, scored.embeddings, scored.labels
        ),
        protocols=("published",),
        ordered=True,
    ),
    Metric(
        "tau",
        "Kendall's tau: whether the nearest frame in another clip advances as the clip does",
        lambda fitted, scored: scored.once(_neighbours)[0][0],
        protocols=("published",),
        ordered=True,
    ),
    *(
        Metric(
            name,
            f"share of a frame's {k} nearest frames in other clips that have its phase",
            partial(_precision, k),
        )
        for name, k in PRECISIONS.items()
    ),
    Metric(
        "event_error",
        "how far a phase boundary carried to another clip lands from its own, in lengths of it",
        lambda fitted, scored: scored.once(_events)[0],
        protocols=("trimmed",),
        higher_is_better=False,
        ordered=True,
    ),
    Metric(
        "tau_nan_pairs",
        "pairs of clips that have no tau and are left out of it",
        lambda fitted, scored: scored.once(_neighbours)[0][1],
        protocols=("published",),
        higher_is_better=None,
        ordered=True,
    ),
    Metric(
        "tau_stride",
        "every how many frames tau looks at",
        lambda fitted, scored: scored.options.tau_stride,
        protocols=("published",),
        higher_is_better=None,
        ordered=True,
    ),
    Metric(
        "event_pairs",
        "phase boundaries that event_error is the mean of",
        lambda fitted, scored: scored.once(_events)[1],
        protocols=("trimmed",),
        higher_is_better=None,
        ordered=True,
    ),
)
METRICS: dict[str, Metric] = {metric.name: metric for metric in _TABLE}
"""Every figure by name, in the order of ``metrics.json`` and of all tables."""

SHORT_TABLES = {
    "line": {"published": "acc@1.0", "trimmed": "acc@1.0"},
    "by action": {"trimmed": "acc@1.0 AP@5"},
    "ablation": {"published": "acc@1.0 progress tau", "trimmed": "acc@1.0 AP@5 event_error"},
    "log": {
        "published": "acc@0.1 acc@1.0 progress tau AP@5",
        "trimmed": "acc@1.0 AP@5 event_error",
    },
}
"""The figures of tables that have no room for all, by protocol."""


def shown_metrics() -> list[Metric]:
    """The figures that tables show, in their order."""
    return [metric for metric in METRICS.values() if metric.higher_is_better is not None]


def short_table(name: str) -> list[tuple[str, str]]:
    """Protocol and figure of every column of one of ``SHORT_TABLES``."""
    return [
        (protocol, figure)
        for protocol, figures in SHORT_TABLES[name].items()
        for figure in figures.split()
    ]
