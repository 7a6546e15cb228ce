"""Dynamic time warping: the cheapest monotone path between two sequences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from mmalign.errors import InputError

# Cells that are filled at once.
_CELLS = 1 << 21
_DIAGONAL, _ABOVE, _LEFT = range(3)


def _sweep(costs: np.ndarray) -> Iterator[tuple[slice, slice, slice, np.ndarray, np.ndarray]]:
    """Go over cost matrices one anti-diagonal at a time.

    Args:
        costs: Costs ``(n, m, B)``, m at least 2.

    Yields:
        Where the diagonal's cells are among the ``n m`` cells; where its rows, and the rows above
        them, are in arrays of which entry 0 stands for the row above the first; the steps that lead
        to its cells, uint8, the first among equals of ``_DIAGONAL``, ``_ABOVE`` and ``_LEFT``; and
        the totals there, ``(K, B)``.
    """
    rows, columns, batch = costs.shape
    flat = costs.reshape(-1, batch)
    # Totals of the two previous anti-diagonals.
    before, last, now = np.full((3, rows + 1, batch), np.inf)
    before[0] = 0.0
    # From a cell to the one below it and to the left.
    stride = columns - 1
    for diagonal in range(rows + columns - 1):
        first, end = max(0, diagonal - columns + 1), min(diagonal, rows - 1) + 1
        cells = slice(diagonal + first * stride, diagonal + (end - 1) * stride + 1, stride)
        here, higher = slice(first + 1, end + 1), slice(first, end)
        steps = np.less(last[higher], before[higher]).view(np.uint8)
        total = np.minimum(last[higher], before[higher], out=now[here])
        np.copyto(steps, _LEFT, where=last[here] < total)
        np.minimum(last[here], total, out=total)
        total += flat[cells]
        yield cells, here, higher, steps, total
        before[0] = np.inf
        before, last, now = last, now, before


def _steps(costs: np.ndarray) -> np.ndarray:
    """The step that leads best to every cell of costs ``(n, m, B)``: uint8 of that shape."""
    steps = np.empty(costs.shape, dtype=np.uint8)
    flat = steps.reshape(-1, costs.shape[2])
    for cells, _, _, best, _ in _sweep(costs):
        flat[cells] = best
    return steps


def dtw_means(costs: np.ndarray, widths: np.ndarray) -> np.ndarray:
    """Mean costs along the paths of :func:`dtw_paths`, without the paths.

    Args:
        costs: Finite matrices ``(n, m, B)`` side by side, n at least 1 and m at least 2.
        widths: ``(B,)``: how many columns of each matrix count, 1 to m.

    Returns:
        float64 ``(B,)``.
    """
    rows, columns, batch = costs.shape
    # Cells of the paths to the cells of the two previous anti-diagonals.
    before, last, now = np.zeros((3, rows + 1, batch), dtype=np.int32)
    means = []
    for _, here, higher, steps, total in _sweep(costs):
        length = now[here]
        length[:] = before[higher]
        np.copyto(length, last[higher], where=steps == _ABOVE)
        np.copyto(length, last[here], where=steps == _LEFT)
        length += 1
        if here.stop == rows + 1:
            means.append(total[-1] / length[-1])
        before, last, now = last, now, before
    return np.stack(means)[widths - 1, np.arange(batch)]


def _trace(steps: np.ndarray, index: int, columns: int) -> np.ndarray:
    """Follow one matrix's steps, of those of :func:`_steps`, from its last cell to its first."""
    rows, width, batch = steps.shape
    # Plain numbers: an array's elements are slow to come by one at a time.
    flat, back = steps.reshape(-1).data, (width + 1, width, 1)
    cells = [cell := (rows - 1) * width + columns - 1]
    while cell:
        cell -= back[flat[cell * batch + index]]
        cells.append(cell)
    return np.stack(np.divmod(cells[::-1], width), axis=1)


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
    width = max(2, *(cost.shape[1] for cost in costs))
    size = max(1, _CELLS // (rows * width))
    return [
        path for first in range(0, len(costs), size) for path in _paths(costs[first : first + size])
    ]


def _paths(costs: Sequence[np.ndarray]) -> Iterator[np.ndarray]:
    """Paths of matrices side by side."""
    # A cell depends only on cells above and left of it: what lies right of a matrix is not seen.
    padded = np.zeros((len(costs[0]), max(2, *(cost.shape[1] for cost in costs)), len(costs)))
    for index, cost in enumerate(costs):
        padded[:, : cost.shape[1], index] = cost
    steps = _steps(padded)
    for index, cost in enumerate(costs):
        yield _trace(steps, index, cost.shape[1])


def dtw_path(cost: np.ndarray) -> np.ndarray:
    """Cheapest monotone path of one cost matrix; see ``dtw_paths``.

    Args:
        cost: Finite matrix ``(n, m)`` with n, m at least 1.

    Returns:
        int64 ``(L, 2)`` of (row, column), from (0, 0) to (n - 1, m - 1).
    """
    return dtw_paths([cost])[0]
