"""The fundamental matrix of two cameras from a moving body, and distances across epipolar lines."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]

# Reweightings of the fit, and residuals of how many robust standard deviations weigh a half.
_ITERATIONS, _HALF = 5, 2.0
_TINY = 1e-12


def fit_fundamental(first: Array, second: Array, weights: Array) -> tuple[Array, float, float]:
    """Fit ``y^T F x = 0`` robustly to points that two cameras see (the eight-point algorithm).

    Residuals are Sampson's first order approximation of how far a pair of points is from a pair
    that fits (Hartley and Zisserman, Multiple View Geometry, Eq. 11.9); large ones lose weight as
    under a Cauchy distribution, whose scale is measured with them.

    Args:
        first: ``(P, 2)``, P at least 8, with a spread of about 1 about 0.
        second: ``(P, 2)``, likewise.
        weights: ``(P,)``, above 0.

    Returns:
        ``(3, 3)`` of unit norm; the mean negative log likelihood up to a constant, less is better;
        and the robust standard deviation of the distances.
    """
    x, y = _homogeneous(first), _homogeneous(second)
    products = np.einsum("pi,pj->pij", y, x).reshape(len(x), 9)
    trust, fundamental, loss, scale = np.ones(len(x)), np.eye(3), np.inf, 1.0
    for _ in range(_ITERATIONS):
        scatter = (products * (weights * trust)[:, None]).T @ products
        fundamental = np.linalg.eigh(scatter)[1][:, 0].reshape(3, 3)
        lines, others = x @ fundamental.T, y @ fundamental
        slope = (lines[:, :2] ** 2).sum(axis=1) + (others[:, :2] ** 2).sum(axis=1)
        squared = (y * lines).sum(axis=1) ** 2 / np.maximum(slope, _TINY)
        scale = _HALF**2 * max(1.4826**2 * float(np.median(squared)), _TINY)
        trust = 1 / (1 + squared / scale)
        loss = float(np.log(scale) / 2 - np.average(np.log(trust), weights=weights))
    return fundamental, loss, float(np.sqrt(scale)) / _HALF


def epipolar_distances(
    first: tuple[Array, Array], second: tuple[Array, Array], fundamental: Array
) -> Array:
    """How badly the pose in each frame of one camera fits that in each frame of the other.

    Args:
        first: ``(N, K, 2)`` and weights ``(N, K)``, 0 = absent.
        second: ``(M, K, 2)`` and ``(M, K)``.
        fundamental: Of :func:`fit_fundamental` on such points.

    Returns:
        ``(N, M)``: the root of the weighted mean of the joints' squared Sampson distances; infinite
        where no joint is seen in both.
    """
    (a, wa), (b, wb) = first, second
    total, weight = np.zeros((len(a), len(b))), wa @ wb.T
    for joint in range(a.shape[1]):
        x, y = _homogeneous(a[:, joint]), _homogeneous(b[:, joint])
        lines, others = x @ fundamental.T, y @ fundamental
        slope = (lines[:, :2] ** 2).sum(1)[:, None] + (others[:, :2] ** 2).sum(1)
        squared = (lines @ y.T) ** 2 / np.maximum(slope, _TINY)
        total += wa[:, joint, None] * wb[:, joint] * squared
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(weight > 0, np.sqrt(total / weight), np.inf)


def _homogeneous(points: Array) -> Array:
    return np.concatenate([points, np.ones((len(points), 1))], axis=1)
