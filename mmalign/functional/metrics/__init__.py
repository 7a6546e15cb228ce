"""Metrics of the evaluation protocol, on plain arrays."""

from mmalign.functional.metrics.classification import (
    fit_phase_classifier,
    phase_accuracy,
    phase_classification,
)
from mmalign.functional.metrics.events import event_error
from mmalign.functional.metrics.neighbours import compare_clips
from mmalign.functional.metrics.ordering import ClipOrder, kendalls_tau, tau_b
from mmalign.functional.metrics.progression import (
    phase_progression,
    predict_progression,
    progression_targets,
)
from mmalign.functional.metrics.retrieval import FrameRetrieval, retrieval_ap
from mmalign.functional.metrics.windows import inner_boundaries, phase_ends, trim_windows

__all__ = [
    "ClipOrder",
    "FrameRetrieval",
    "compare_clips",
    "event_error",
    "fit_phase_classifier",
    "inner_boundaries",
    "kendalls_tau",
    "phase_accuracy",
    "phase_classification",
    "phase_ends",
    "phase_progression",
    "predict_progression",
    "progression_targets",
    "retrieval_ap",
    "tau_b",
    "trim_windows",
]
