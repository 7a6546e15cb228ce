"""Phase classification from frozen embeddings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from mmalign.errors import InputError

if TYPE_CHECKING:  # Whoever only aligns should not wait for them.
    from sklearn.dummy import DummyClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.svm import SVC

CLASSIFIERS = ("svc", "logreg")


def _frames(
    embeddings: Sequence[np.ndarray], labels: Sequence[np.ndarray], background: int | None
) -> tuple[np.ndarray, np.ndarray]:
    frames, phases = np.concatenate(embeddings), np.concatenate(labels)
    if background is None:
        return frames, phases
    keep = phases != background
    return frames[keep], phases[keep]


def fit_phase_classifier(
    embeddings: Sequence[np.ndarray],
    labels: Sequence[np.ndarray],
    fraction: float = 1.0,
    classifier: str = "svc",
    background: int | None = None,
) -> SVC | LogisticRegression | DummyClassifier:
    """Fit a classifier on the frames of the first ``max(1, int(fraction * N))`` clips.

    ``'svc'`` is the protocol's (RBF kernel, scikit-learn's default C and gamma, as TCC, LAV and
    VAOT); ``'logreg'`` is the logistic regression of CASA's and CARL's released code.

    Args:
        embeddings: Per clip ``(T_i, D)``, in annotation order.
        labels: Per clip ``(T_i,)`` phases.
        fraction: Share of the clips in (0, 1].
        classifier: ``'svc'`` or ``'logreg'``.
        background: Label whose frames are left out.

    Returns:
        The fitted classifier; one that always answers the only phase if there is only one.

    Raises:
        InputError: If an argument is out of range or no frame is left.
    """
    from sklearn.dummy import DummyClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.svm import SVC

    if classifier not in CLASSIFIERS:
        raise InputError(f"classifier: found {classifier!r}, expected one of {CLASSIFIERS}")
    if not 0.0 < fraction <= 1.0:
        raise InputError(f"fraction: found {fraction}, expected a number in (0, 1]")
    count = max(1, int(fraction * len(embeddings)))
    frames, phases = _frames(embeddings[:count], labels[:count], background)
    if len(frames) == 0:
        raise InputError(
            f"labels: the first {count} training clips hold only background frames; "
            "use a larger fraction or another background label"
        )
    if len(np.unique(phases)) == 1:
        model = DummyClassifier(strategy="most_frequent")
    elif classifier == "svc":
        model = SVC(decision_function_shape="ovo")
    else:
        model = LogisticRegression(max_iter=10_000)
    return model.fit(frames, phases)


def phase_accuracy(
    model: SVC | LogisticRegression | DummyClassifier,
    embeddings: Sequence[np.ndarray],
    labels: Sequence[np.ndarray],
    background: int | None = None,
) -> float:
    """Share of all frames that a fitted classifier gives their phase.

    Args:
        model: What ``fit_phase_classifier`` returned.
        embeddings: Per clip ``(T_i, D)``.
        labels: Per clip ``(T_i,)`` phases.
        background: Label whose frames are left out.

    Returns:
        Accuracy in [0, 1]; NaN if no frame is left.
    """
    frames, phases = _frames(embeddings, labels, background)
    return float((model.predict(frames) == phases).mean()) if len(frames) else float("nan")


def phase_classification(
    train_embeddings: Sequence[np.ndarray],
    train_labels: Sequence[np.ndarray],
    val_embeddings: Sequence[np.ndarray],
    val_labels: Sequence[np.ndarray],
    fraction: float = 1.0,
    classifier: str = "svc",
    background: int | None = None,
) -> float:
    """Phase classification accuracy (protocol, section 1): fit on train, score on validation.

    Args:
        train_embeddings: Per training clip ``(T_i, D)``, in annotation order.
        train_labels: Per training clip ``(T_i,)`` phases.
        val_embeddings: Per validation clip ``(T_i, D)``.
        val_labels: Per validation clip ``(T_i,)`` phases.
        fraction: Share of the training clips in (0, 1].
        classifier: ``'svc'`` or ``'logreg'``.
        background: Label whose frames are left out on both sides.

    Returns:
        Accuracy in [0, 1].
    """
    model = fit_phase_classifier(train_embeddings, train_labels, fraction, classifier, background)
    return phase_accuracy(model, val_embeddings, val_labels, background)
