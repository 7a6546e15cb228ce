"""The published and the trimmed evaluation protocol, from embeddings to figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mmalign.errors import InputError
from mmalign.evaluation.clip import Clip, embeddings_of, labels_of
from mmalign.evaluation.options import ProtocolOptions
from mmalign.functional.metrics import (
    event_error,
    fit_phase_classifier,
    kendalls_tau,
    phase_accuracy,
    phase_progression,
    retrieval_ap,
)

FRACTIONS = (0.1, 0.5, 1.0)
NEIGHBOURS = (5, 10, 15)


Classifiers = dict[float, Any]


def fit_classifiers(clips: Sequence[Clip], options: ProtocolOptions) -> Classifiers:
    """Fit the phase classifiers of both protocols, one per fraction of the clips.

    Args:
        clips: Whole clips in annotation order.
        options: The protocol's variant.

    Returns:
        Per fraction in ``FRACTIONS`` a fitted classifier.
    """
    embeddings, labels = embeddings_of(clips), labels_of(clips)
    return {
        fraction: fit_phase_classifier(
            embeddings, labels, fraction, options.classifier, options.background
        )
        for fraction in FRACTIONS
    }


def _classify_and_retrieve(
    classifiers: Classifiers, clips: Sequence[Clip], options: ProtocolOptions
) -> dict[str, float]:
    embeddings, labels = embeddings_of(clips), labels_of(clips)
    figures = {
        f"acc@{fraction}": phase_accuracy(model, embeddings, labels, options.background)
        for fraction, model in classifiers.items()
    }
    retrieval = retrieval_ap(embeddings, labels, NEIGHBOURS, options.background)
    return figures | {f"AP@{k}": value for k, value in retrieval.items()}


def evaluate_published(
    train: Sequence[Clip],
    val: Sequence[Clip],
    options: ProtocolOptions | None = None,
    classifiers: Classifiers | None = None,
) -> dict[str, float]:
    """Score whole clips as the paper does (protocol, section 1).

    Args:
        train: Whole training clips in annotation order.
        val: Whole validation clips in annotation order.
        options: The protocol's variant.
        classifiers: What ``fit_classifiers`` gave, to share them with the other protocol.

    Returns:
        ``acc@0.1``, ``acc@0.5``, ``acc@1.0``, ``AP@5``, ``AP@10``, ``AP@15`` and, for ordered
        phases, ``progress``, ``tau``, ``tau_stride`` and ``tau_nan_pairs`` (pairs left out of tau).

    Raises:
        InputError: If there is no training or no validation clip.
    """
    options = options or ProtocolOptions()
    _require(train, val)
    fitted = train if options.fit_on == "train" else val
    classifiers = classifiers or fit_classifiers(fitted, options)
    figures = _classify_and_retrieve(classifiers, val, options)
    if options.ordered:
        figures["progress"] = phase_progression(
            embeddings_of(fitted), labels_of(fitted), embeddings_of(val), labels_of(val)
        )
        figures["tau"], figures["tau_nan_pairs"] = kendalls_tau(
            embeddings_of(val), options.tau_stride
        )
        figures["tau_stride"] = options.tau_stride
    return figures


def evaluate_trimmed(
    train: Sequence[Clip],
    windows: Sequence[Clip],
    options: ProtocolOptions | None = None,
    classifiers: Classifiers | None = None,
) -> dict[str, float]:
    """Score random windows of the validation clips (protocol, section 2).

    Args:
        train: Whole training clips in annotation order: what is fitted is fitted on them,
            whatever ``fit_on`` says of the other protocol.
        windows: One window of every validation clip, embedded by itself.
        options: The protocol's variant.
        classifiers: What ``fit_classifiers`` gave, to share them with the other protocol.

    Returns:
        ``acc@0.1``, ``acc@0.5``, ``acc@1.0``, ``AP@5``, ``AP@10``, ``AP@15`` and, for ordered
        phases, ``event_error`` and ``event_pairs`` (the number of boundaries mapped).

    Raises:
        InputError: If there is no training clip or no window.
    """
    options = options or ProtocolOptions()
    _require(train, windows)
    classifiers = classifiers or fit_classifiers(train, options)
    figures = _classify_and_retrieve(classifiers, windows, options)
    if options.ordered:
        figures["event_error"], figures["event_pairs"] = event_error(
            embeddings_of(windows),
            labels_of(windows),
            [clip.num_frames for clip in windows],
            options.aligner,
        )
    return figures


def evaluate(
    train: Sequence[Clip],
    val: Sequence[Clip],
    windows: Sequence[Clip],
    options: ProtocolOptions | None = None,
) -> dict[str, dict[str, float]]:
    """Score under both protocols; classifiers fitted on the training clips are shared.

    Args:
        train: Whole training clips in annotation order.
        val: Whole validation clips in annotation order.
        windows: One window of every validation clip, embedded by itself, or none.
        options: The protocol's variant.

    Returns:
        ``{'published': {...}, 'trimmed': {...}}``, the latter only if there are windows.

    Raises:
        InputError: If there is no training or no validation clip.
    """
    options = options or ProtocolOptions()
    _require(train, val)
    classifiers = fit_classifiers(train, options)
    shared = classifiers if options.fit_on == "train" else None
    figures = {"published": evaluate_published(train, val, options, shared)}
    if windows:
        figures["trimmed"] = evaluate_trimmed(train, windows, options, classifiers)
    return figures


def _require(train: Sequence[Clip], val: Sequence[Clip]) -> None:
    for name, clips in (("train", train), ("val", val)):
        if not clips:
            raise InputError(
                f"{name}: found no labelled clip to score, expected at least one; "
                "check the split, the action and that its phase labels were prepared"
            )
