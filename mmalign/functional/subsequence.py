"""Where a long sequence follows a reference: open-begin, open-end dynamic time warping.

A path collects ``allowance - distance`` from every cell, twice on a diagonal step as in Sakoe and
Chiba's symmetric form, so that frames that fit are worth matching and frames that do not cost. It
begins in the first row or column and ends in the last row or column: either sequence may begin
before the other and end after it (overlap alignment, as in sequence assembly; with a long second
sequence: subsequence DTW).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

START, DIAGONAL, ABOVE, LEFT = range(4)
# In units of the allowance: what a step that is no diagonal pays, so that paths have no staircases;
# what an occurrence must collect per step, and pays for being one; what standing still costs where
# an occurrence is cut to its core.
_STEP_PENALTY, _MIN_MEAN, _PRICE, _STANDING = 0.3, 0.2, 0.1, 0.25
# Shares of the reference, or of the whole other sequence, that an occurrence covers at least.
_MIN_REFERENCE, _MIN_OTHER = 0.25, 0.5
# Share of the rows that an occurrence follows at least, of what the one does that follows most,
# unless it is cut by an end of the other: half of one is likelier something else with a like end.
_WHOLE = 0.8
# Cells that are filled together: what they need stays in the processor's cache.
_CELLS = 16_384


@dataclass(frozen=True)
class Occurrence:
    """One stretch in which the other sequence follows the reference.

    Attributes:
        path: ``(P, 2)`` int64 of (row, column), each step at most one further in either.
        score: What the path collected.
    """

    path: np.ndarray
    score: float


@dataclass
class _Table:
    """What the dynamic programme leaves: steps ``(n, m)`` and both borders where paths may end.

    Each border has, per cell, the score of the best path there and the path's first cell.
    """

    steps: np.ndarray
    row_scores: np.ndarray
    row_starts: np.ndarray
    column_scores: np.ndarray
    column_starts: np.ndarray

    def trace(self, row: int, column: int) -> np.ndarray:
        """The best path to a cell."""
        columns = self.steps.shape[1]
        # Plain numbers: an array's elements are slow to come by one at a time.
        steps, back = self.steps.reshape(-1).data, (0, columns + 1, columns, 1)
        cells = [cell := int(row) * columns + int(column)]
        while step := steps[cell]:
            cell -= back[step]
            cells.append(cell)
        return np.stack(np.divmod(cells[::-1], columns), axis=1)


def find_occurrences(
    distances: np.ndarray, allowance: float
) -> tuple[list[Occurrence], Occurrence]:
    """Find every stretch of columns that follows the rows.

    Time and memory grow as ``n m``, the latter with one byte a cell.

    Args:
        distances: ``(n, m)``, finite; rows are the reference's frames.
        allowance: Largest distance that still counts as a fit, above 0.

    Returns:
        The occurrences that together collect most, in order and without common columns, and
        the best single path, which is there even when nothing counts as an occurrence.
    """
    table = _fill(distances, allowance)
    rows, columns = distances.shape
    # Every way to end: in any column at the reference's last frame, or at any frame of the
    # reference in the very last column.
    ends = np.concatenate(
        [
            np.stack([np.full(columns, rows - 1), np.arange(columns)], 1),
            np.stack([np.arange(rows), np.full(rows, columns - 1)], 1),
        ]
    )
    starts = np.concatenate([table.row_starts, table.column_starts])
    scores = np.concatenate([table.row_scores, table.column_scores])
    spans = ends - starts + 1
    covers = (spans[:, 0] >= _MIN_REFERENCE * rows) | (spans[:, 1] >= _MIN_OTHER * columns)
    # A path from corner to corner covers everything, so there always is one.
    widest = int(np.where(covers, scores, -np.inf).argmax())
    best = Occurrence(table.trace(*ends[widest]), float(scores[widest]))
    kept = np.flatnonzero(covers & (scores >= _MIN_MEAN * allowance * spans.sum(axis=1)))
    price = _PRICE * allowance * 2 * min(rows, columns)
    chosen = _schedule(starts[kept, 1], ends[kept, 1], scores[kept] - price)
    paths = [table.trace(*ends[k]) for k in kept[chosen]]
    cores = [_core(path, distances, allowance) for path in paths]
    followed = [
        _rows_followed(path, core, distances, allowance)
        for path, core in zip(paths, cores, strict=True)
    ]
    least = _WHOLE * max(followed, default=0)
    found = [
        Occurrence(core, float(scores[k]))
        for k, path, core, count in zip(kept[chosen], paths, cores, followed, strict=True)
        if count >= least or path[0, 1] == 0 or path[-1, 1] == columns - 1
    ]
    return found, best


def _rows_followed(
    path: np.ndarray, core: np.ndarray, distances: np.ndarray, allowance: float
) -> int:
    """How many rows lie within the core, or beside it and fit a column that the path gives them."""
    fits = path[distances[path[:, 0], path[:, 1]] <= allowance, 0]
    return len(np.union1d(fits, np.arange(core[0, 0], core[-1, 0] + 1)))


def _core(path: np.ndarray, distances: np.ndarray, allowance: float) -> np.ndarray:
    """The stretch of a path that makes headway: the one with the greatest sum of gains.

    Here a step that is no diagonal gains nothing, so that waiting before and after is cut off.
    """
    gain = allowance - distances[path[:, 0], path[:, 1]]
    diagonal = np.append(True, np.diff(path, axis=0).all(axis=1))
    gain = np.where(diagonal, 2 * gain, np.minimum(gain, 0) - _STANDING * allowance)
    total = np.append(0.0, np.cumsum(gain))
    before = np.minimum.accumulate(total)
    end = int((total - before).argmax())
    start = int(total[: end + 1].argmin())
    return path[start:end] if end > start else path


def _fill(distances: np.ndarray, allowance: float) -> _Table:
    """Fill the table row by row.

    Within a row a path waits by steps to the right, each of which adds what the cell gives. From
    the running sum of the row's gains is seen what it is best to have entered the row with: scores
    less that sum only grow to the right, so that the best place to enter is a running maximum.
    The sums of float32 distances are exact in float64, so that ties stay ties.
    """
    rows, columns = distances.shape
    steps = np.empty((rows, columns), dtype=np.int8)
    column_scores, column_starts = np.empty(rows), np.empty(rows, dtype=np.int64)
    # Of the row before, by column (entry 0: left of the first): the running sum, how far the score
    # exceeds it, and, as one number, the cell where the path begins. Above the first row, that of
    # a path that comes down diagonally from there.
    passed, excess = np.zeros(columns + 1), np.zeros(columns + 1)
    first = np.arange(columns + 1)
    for start in range(0, rows, max(1, _CELLS // columns)):
        part = slice(start, start + max(1, _CELLS // columns))
        gain = allowance - distances[part]
        count = len(gain)
        single = gain - _STEP_PENALTY * allowance
        sums, scores = np.zeros((2, count + 1, columns + 1))
        sums[0], scores[0] = passed, excess
        np.cumsum(single, axis=1, dtype=np.float64, out=sums[1:, 1:])
        diagonal = sums[:-1, :-1] - sums[1:, 1:] + 2 * gain
        above = sums[:-1, 1:] - sums[1:, 1:] + single
        if start == 0:
            above[0] = -np.inf
        down, left = np.empty((2, count, columns), dtype=bool)
        for i, (enter, fall, is_down, is_left) in enumerate(
            zip(diagonal, above, down, left, strict=True)
        ):
            enter += scores[i, :-1]
            fall += scores[i, 1:]
            np.greater(fall, enter, out=is_down)
            np.maximum(fall, enter, out=enter)
            now = np.maximum.accumulate(enter, out=scores[i + 1, 1:])
            np.greater(now, enter, out=is_left)
        np.add(down, DIAGONAL, out=steps[part], casting="unsafe")
        np.copyto(steps[part], LEFT, where=left)
        # Where the row above is left for a cell: to the right these places never fall.
        origin = np.arange(columns) + down
        origin[left] = 0
        np.maximum.accumulate(origin, axis=1, out=origin)
        firsts = np.empty((count + 1, columns + 1), dtype=np.int64)
        firsts[0] = first
        firsts[:, 0] = np.arange(start, start + count + 1) * columns
        for i, places in enumerate(origin):
            # "clip" spares a check and a buffer; no place lies outside.
            firsts[i].take(places, out=firsts[i + 1, 1:], mode="clip")
        passed, excess, first = sums[-1], scores[-1], firsts[-1]
        column_scores[part] = scores[1:, -1] + sums[1:, -1]
        column_starts[part] = firsts[1:, -1]
    for border in (steps[0], steps[:, 0]):
        border[border == DIAGONAL] = START
    row_starts, column_starts = (
        np.stack(np.divmod(cells, columns), axis=1) for cells in (first[1:], column_starts)
    )
    return _Table(steps, excess[1:] + passed[1:], row_starts, column_scores, column_starts)


def _schedule(starts: np.ndarray, ends: np.ndarray, values: np.ndarray) -> np.ndarray:
    """The disjoint closed intervals of the greatest total value, as indices in order."""
    order = np.argsort(ends, kind="stable")
    starts, ends, values = starts[order], ends[order], values[order]
    before = np.searchsorted(ends, starts, side="left")
    total = np.zeros(len(ends) + 1)
    taken = np.zeros(len(ends), dtype=bool)
    for k in range(len(ends)):
        with_it = total[before[k]] + values[k]
        taken[k] = with_it > total[k]
        total[k + 1] = max(total[k], with_it)
    chosen, k = [], len(ends) - 1
    while k >= 0:
        if taken[k]:
            chosen.append(k)
            k = before[k] - 1
        else:
            k -= 1
    return order[np.array(chosen[::-1], dtype=np.int64)]
