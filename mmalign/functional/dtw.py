"""Dynamic time warping: the cheapest monotone path between two sequences."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mmalign.errors import InputError

# Steps back: both, the row above, the column before.
_MOVES = ((-1, -1), (-1, 0), (0, -1))


def _steps(costs: np.ndarray) -> np.ndarray:
    """Best predecessor of every cell, computed one anti-diagonal at a time.

    Args:
        costs: Costs ``(B, n, m)``.

    Returns:
        int8 ``(B, n, m)``: index into ``_MOVES``, the first among equals.
    """
    batch, rows, columns = costs.shape
    steps = np.zeros((batch, rows, columns), dtype=np.int8)
    # Totals of the two previous anti-diagonals by row; entry 0 stands for the row above the first.
    before = np.full((batch, rows + 1), np.inf)
    last = np.full((batch, rows + 1), np.inf)
    before[:, 0] = 0.0
    for diagonal in range(rows + columns - 1):
        first = max(0, diagonal - columns + 1)
        i = np.arange(first, min(diagonal, rows - 1) + 1)
        j = diagonal - i
        reach = np.stack([before[:, i], last[:, i], last[:, i + 1]])
        best = reach.argmin(axis=0)
        steps[:, i, j] = best
        current = np.full((batch, rows + 1), np.inf)
        current[:, i + 1] = costs[:, i, j] + np.take_along_axis(reach, best[None], axis=0)[0]
        before, last = last, current
    return steps


def _trace(steps: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """Follow the predecessors from the last cell back to the first."""
    i, j = rows - 1, columns - 1
    path = [(i, j)]
    while i or j:
        down, right = _MOVES[steps[i, j]]
        i, j = i + down, j + right
        path.append((i, j))
    return np.array(path[::-1], dtype=np.int64)


def dtw_paths(costs: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Cheapest monotone paths of several cost matrices with the same number of rows.

    A path starts at the first cell, ends at the last one, and moves by one row, one column or both;
    its cost is the sum over its cells. Among equally cheap predecessors the diagonal one wins,
    then the row above.

    Args:
        costs: Finite matrices ``(n, m_i)`` with n, m_i at least 1.

    Returns:
        Per matrix int64 ``(L_i, 2)`` of (row, column), in order.

    Raises:
        InputError: If a matrix is empty, not finite or has another number of rows.
    """
    if not costs:
        return []
    rows = costs[0].shape[0]
    for cost in costs:
        if cost.ndim != 2 or cost.shape[0] != rows or cost.size == 0:
            raise InputError(f"costs: found shape {cost.shape}, expected ({rows}, m) with m >= 1")
        if not np.isfinite(cost).all():
            raise InputError("costs: found a NaN or infinite cost, expected finite numbers")
    # A cell depends only on cells above and left of it: what lies right of a matrix is not seen.
    padded = np.zeros((len(costs), rows, max(cost.shape[1] for cost in costs)))
    for index, cost in enumerate(costs):
        padded[index, :, : cost.shape[1]] = cost
    steps = _steps(padded)
    return [_trace(step, rows, cost.shape[1]) for step, cost in zip(steps, costs, strict=True)]


def dtw_path(cost: np.ndarray) -> np.ndarray:
    """Cheapest monotone path of one cost matrix; see ``dtw_paths``.

    Args:
        cost: Finite matrix ``(n, m)`` with n, m at least 1.

    Returns:
        int64 ``(L, 2)`` of (row, column), from (0, 0) to (n - 1, m - 1).
    """
    return dtw_paths([cost])[0]
