"""Evaluation protocols, floors and the metric that computes them."""

from mmalign.evaluation.clip import Clip, EvaluationClips
from mmalign.evaluation.floors import evaluate_floors
from mmalign.evaluation.metric import AlignmentMetric
from mmalign.evaluation.options import ProtocolOptions
from mmalign.evaluation.scoring import (
    evaluate,
    evaluate_published,
    evaluate_trimmed,
)

__all__ = [
    "AlignmentMetric",
    "Clip",
    "EvaluationClips",
    "ProtocolOptions",
    "evaluate",
    "evaluate_floors",
    "evaluate_published",
    "evaluate_trimmed",
]
