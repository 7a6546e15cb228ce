"""Phase progression: how far the embedding tells the distance to each phase boundary."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mmalign.functional.metrics.windows import phase_ends


def progression_targets(labels: np.ndarray, num_phases: int) -> np.ndarray:
    """Signed distance of every frame to every phase boundary, as a share of the clip.

    The target of frame t for boundary b is ``(t - t_b) / T`` with t_b the last frame of phase b.
    A clip without phase b takes the previous boundary's target (for the first boundary: the
    instant before the clip, ``t_b = -1``); one without the last of them has ``t_b = T``.

    Args:
        labels: Phases ``(T,)`` of a whole clip.
        num_phases: Number of phases K of the activity.

    Returns:
        float64 ``(T, K - 1)`` in [-1, 1].
    """
    length = len(labels)
    ends = phase_ends(labels, num_phases)[: num_phases - 1]
    previous = -1
    for phase, end in enumerate(ends):
        if end < 0:
            ends[phase] = length if phase == num_phases - 2 else previous
        previous = ends[phase]
    return (np.arange(length)[:, None] - ends[None, :]) / length


def predict_progression(
    train_embeddings: Sequence[np.ndarray],
    train_labels: Sequence[np.ndarray],
    val_embeddings: Sequence[np.ndarray],
    val_labels: Sequence[np.ndarray],
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Targets of the validation clips and what a linear regression says of them.

    Args:
        train_embeddings: Per training clip ``(T_i, D)``.
        train_labels: Per training clip ``(T_i,)``.
        val_embeddings: Per validation clip ``(T_i, D)``.
        val_labels: Per validation clip ``(T_i,)``.

    Returns:
        Per validation clip the targets of `progression_targets`, and the predictions, float64
        ``(T_i, K - 1)`` each; K is 1 + the largest label.
    """
    from sklearn.linear_model import LinearRegression

    num_phases = 1 + max(int(lab.max()) for lab in [*train_labels, *val_labels])
    targets = [progression_targets(labels, num_phases) for labels in val_labels]
    if num_phases < 2:
        return targets, targets
    model = LinearRegression().fit(
        np.concatenate(train_embeddings).astype(np.float64),
        np.concatenate([progression_targets(labels, num_phases) for labels in train_labels]),
    )
    predicted = model.predict(np.concatenate(val_embeddings).astype(np.float64))
    ends = np.cumsum([len(labels) for labels in val_labels])[:-1]
    return targets, np.split(predicted.reshape(-1, num_phases - 1), ends)


def phase_progression(
    train_embeddings: Sequence[np.ndarray],
    train_labels: Sequence[np.ndarray],
    val_embeddings: Sequence[np.ndarray],
    val_labels: Sequence[np.ndarray],
) -> float:
    """Mean R² over boundaries of a linear regression on the embeddings (protocol, section 1).

    Args: Those of `predict_progression`.

    Returns:
        R², at most 1, of the boundaries whose targets vary; NaN if there is none.
    """
    from sklearn.metrics import r2_score

    targets, predicted = predict_progression(
        train_embeddings, train_labels, val_embeddings, val_labels
    )
    if targets[0].shape[1] == 0:
        return float("nan")
    scores = r2_score(
        np.concatenate(targets),
        np.concatenate(predicted),
        multioutput="raw_values",
        force_finite=False,
    )
    # R² is not defined of a boundary that all frames are equally far from.
    defined = scores[np.isfinite(scores)]
    return float(defined.mean()) if len(defined) else float("nan")
